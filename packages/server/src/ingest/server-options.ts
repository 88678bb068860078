/**
 * What the HTTP server in front of the door must be created with: `createServer(doorServerOptions, …)`. Node answers a
 * request that is late with 408 by itself, which costs nothing per request.
 */
export const doorServerOptions = {
  /** Milliseconds for the headers to arrive. */
  headersTimeout: 10_000,
  /** Milliseconds for a whole request to arrive: a sender of a few bytes a second must not hold a connection. */
  requestTimeout: 15_000,
  /** How often, in milliseconds, both are looked at. By default node does it every 30 s, whatever they say. */
  connectionsCheckingInterval: 1_000,
  /** Milliseconds that an idle connection stays open: longer than the 60 s of usual load balancers, who must close first. */
  keepAliveTimeout: 65_000,
} as const;
