import { WRITE_KEY } from './workspace-file.ts';

/** Sends one track call with this messageId, from the source of the tests' workspace unless another one is given. A connection that is cut counts as status 0. */
export async function track(
  url: string,
  messageId: string,
  writeKey: string = WRITE_KEY,
): Promise<{ status: number; retryAfter: string | null }> {
  try {
    const response = await fetch(`${url}/v1/track`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${writeKey}:`)}` },
      body: JSON.stringify({ messageId, userId: 'arthur', event: 'Tea Made' }),
    });
    await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch {
    return { status: 0, retryAfter: null };
  }
}
