import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The ports from which systems pick the near end of outgoing connections begin at 32,768 at the earliest. Where
 * nobody listens for a while, such a connection could take the port, or even meet itself.
 */
const FIRST = 20_000;
const LAST = 32_767;

let next = FIRST + (process.pid % (LAST - FIRST));

/** A port of 127.0.0.1 that may be closed and opened again: nobody else gets it in between. */
export async function freePort(): Promise<number> {
  for (let tried = FIRST; tried <= LAST; tried += 1) {
    const port = next;
    next = port < LAST ? port + 1 : FIRST;
    if (await isFree(port)) return port;
  }
  throw new Error(`Every port from ${FIRST} to ${LAST} is taken`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
