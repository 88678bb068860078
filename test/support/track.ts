import { WRITE_KEY } from './workspace-file.ts';

/** Sends one track call with this messageId. A connection that is cut counts as status 0. */
export async function track(
  url: string,
  messageId: string,
): Promise<{ status: number; retryAfter: string | null }> {
  try {
    const response = await fetch(`${url}/v1/track`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${WRITE_KEY}:`)}` },
      body: JSON.stringify({ messageId, userId: 'arthur', event: 'Tea Made' }),
    });
    await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch {
    return { status: 0, retryAfter: null };
  }
}
