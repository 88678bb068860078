import { connect } from 'node:net';

/** The bytes of a request, short of what names the server. */
interface RawRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly chunked: boolean;
}

/** Small, so that even a short body is cut into several chunks. */
const CHUNK_BYTES = 256;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Posts over a bare socket, so that no HTTP client adds, drops or reorders anything. Resolves with the status; rejects
 * when the connection ends, or 10 s pass, without one.
 */
export function exchange(url: string, request: RawRequest): Promise<number> {
  const { hostname, port, host } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect({ host: hostname, port: Number(port) });
  let received = '';
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    const [, status] = /^HTTP\/1\.1 (\d{3}) .*\r\n\r\n/s.exec(received) ?? [];
    if (status === undefined) return;
    resolve(Number(status));
    socket.destroy();
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error(`The connection ended after "${received}"`)));
  const length = request.chunked
    ? ['Transfer-Encoding: chunked']
    : [`Content-Length: ${request.body.length}`];
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(
    [`POST ${request.path} HTTP/1.1`, `Host: ${host}`, ...headers, ...length, '', ''].join('\r\n'),
  );
  if (!request.chunked) {
    socket.write(request.body);
    return promise;
  }
  for (let at = 0; at < request.body.length; at += CHUNK_BYTES) {
    const chunk = request.body.subarray(at, at + CHUNK_BYTES);
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    socket.write('\r\n');
  }
  socket.write('0\r\n\r\n');
  return promise;
}
