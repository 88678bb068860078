// The smallest thing that MetaRouter can deliver to: prints a line for each event it is sent.
//
//   node examples/receiver.ts [port]
import { createServer } from 'node:http';

const PORT_DEFAULT = 9009;
const port = Number(process.argv[2] ?? PORT_DEFAULT);

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  try {
    const content: unknown = JSON.parse(body);
    for (const event of Array.isArray(content) ? content : [content]) console.log(line(event));
    response.writeHead(200).end();
  } catch {
    console.log(`not an event: ${body.slice(0, 80)}`);
    response.writeHead(400).end();
  }
});

server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`Waiting for events on http://127.0.0.1:${listening}/hook`);
});

/** What one event says, for a person: `track  Order Completed  by ada`. */
function line(event: unknown): string {
  const custom = member(event, '_metarouter');
  if (custom !== undefined) {
    const user = text(custom, 'userID') ?? text(custom, 'anonymousID') ?? 'nobody';
    return `custom   ${text(custom, 'eventName')}  by ${user}`;
  }
  const type = text(event, 'type') ?? 'event';
  const name = text(event, 'event') ?? text(event, 'name') ?? text(event, 'groupId');
  const user = text(event, 'userId') ?? text(event, 'anonymousId') ?? 'nobody';
  return `${type.padEnd(8)} ${name === undefined ? '' : `${name}  `}by ${user}`;
}

function text(event: unknown, field: string): string | undefined {
  const value = member(event, field);
  return typeof value === 'string' ? value : undefined;
}

function member(event: unknown, field: string): unknown {
  return typeof event === 'object' && event !== null ? Reflect.get(event, field) : undefined;
}
