// Bad clients, a process of its own: many connections, each with a request that comes a byte each 200 ms and never
// ends. A connection that the server has closed is opened again. Prints `dripping` once all are open.
import { connect } from 'node:net';

const [port, clients] = process.argv.slice(2).map(Number);
const DRIP_EVERY_MS = 200;
const BEGINNING = 'POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n';
let open = 0;

// One after the other, as clients come: all at the same moment they would be one burst each 200 ms.
for (let client = 0; client < (clients ?? 0); client += 1) {
  setTimeout(() => drip(true), (client * DRIP_EVERY_MS) / (clients ?? 1));
}

function drip(isFirst: boolean): void {
  const socket = connect(port ?? 0, '127.0.0.1', () => {
    socket.write(BEGINNING);
    open += 1;
    if (isFirst && open === clients) console.log('dripping');
  });
  const dripping = setInterval(() => socket.write('x'), DRIP_EVERY_MS);
  socket.on('error', () => undefined).resume();
  socket.on('close', () => {
    clearInterval(dripping);
    drip(false);
  });
}
