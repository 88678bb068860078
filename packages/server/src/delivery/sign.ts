import { createHmac } from 'node:crypto';
import type { Signature } from '@metarouter/destinations';

/** The headers that sign this body now, name and value in turn. `now` is in milliseconds since 1970. */
export function signatureHeaders(
  signature: Signature,
  id: string,
  now: number,
  body: Uint8Array | string,
): readonly string[] {
  const timestamp = Math.floor(now / 1_000);
  const key = Buffer.from(signature.secret.replace(/^whsec_/, ''), 'base64');
  const code = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return ['webhook-id', id, 'webhook-timestamp', `${timestamp}`, 'webhook-signature', `v1,${code}`];
}
