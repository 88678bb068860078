/** How long a browser may remember the answer to a preflight, in seconds: a day. */
export const PREFLIGHT_SECONDS = 86_400;
