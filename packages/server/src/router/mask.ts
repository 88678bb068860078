/** Hides secrets in what people are shown: vendors and receivers sometimes repeat what they were sent. */
export type Mask = (text: string) => string;

/** Hides these texts, also as they stand in JSON; the longer ones first, since one may be a part of another. */
export function maskOf(secrets: readonly string[]): Mask {
  const inJson = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  const hidden = [...secrets, ...inJson].toSorted((one, other) => other.length - one.length);
  return (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), text);
}
