import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { listen, openSend } from './delivery.fixture.ts';

/** Host names as people and attackers write this machine and its neighbours. PORT is put behind each. */
const WRITTEN = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7F.0x0.0x0.0x1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0x0.1',
  '00000177.0.0.1',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '１２７．０．０．１',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '127%2e0%2e0%2e1',
  'example.com@127.0.0.1',
  'example.com:80@127.0.0.1',
  '0',
  '0.0.0.0',
  '0x0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '255.255.255.255',
  '224.0.0.1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:7f00:1::1]',
  '[2001:0:7f00:1::]',
  '[2001:0:c000:201::80ff:fffe]',
  '[fe80::1]',
  '[fe80::1%25lo]',
  '[fe80::1%lo]',
  '[::1%25lo]',
  '[fc00::1]',
  '[ff02::1]',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '[::ffff:169.254.169.254]',
  '[fd00:ec2::254]',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'localhost',
  'LOCALHOST',
];

/** Answers with these in turn, and with the last one from then on. */
const lookupOf = (...answers: readonly (readonly string[])[]): LookupFunction => {
  let asked = 0;
  return (_name, _options, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    callback(null, addresses.map(addressOf));
  };
};
const addressOf = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 });

describe('nothing inside is reached', () => {
  test.each(WRITTEN)('by the address written as %s', async (host) => {
    const { port, connections } = await listen();
    const send = openSend({ allowPrivate: [] });
    expect(await send(`http://${host}:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    expect(await send(`https://${host}:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    expect(connections()).toBe(0);
  });

  test.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fe80::1%lo',
    '0.0.0.0',
    '169.254.169.254',
    'fd00:ec2::254',
  ])('by a name that leads to %s', async (address) => {
    const { port, connections } = await listen();
    const send = openSend({ allowPrivate: [], lookup: lookupOf([address]) });
    expect(await send(`http://inside.example:${port}/`)).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/^not sent: it leads to an address that is neither public nor opened/),
    });
    expect(connections()).toBe(0);
  });

  test('by a name that leads outside at first and inside later, though its addresses are remembered', async () => {
    const inside = await listen();
    const outside = await listen((_, response) => response.setHeader('connection', 'close').end());
    const clock = new VirtualClock();
    // 127.0.0.0/8 stands for the outside here, and ::1 for what is inside.
    const send = openSend({
      clock,
      lookup: lookupOf(['127.0.0.9'], ['::1']),
    });
    const url = (port: number) => `http://rebinding.example:${port}/`;
    expect(await send(url(outside.port))).toMatchObject({ kind: 'delivered' });
    for (let minutes = 0; minutes < 4; minutes += 1) {
      await clock.pass(60_000);
      await send(url(outside.port));
      await send(url(inside.port));
    }
    expect(await send(url(inside.port))).toMatchObject({ kind: 'misconfigured' });
    expect(inside.connections()).toBe(0);
  });

  test('by a name with an outside and an inside address: only the outside one is tried', async () => {
    const { port, connections } = await listen();
    const send = openSend({ lookup: lookupOf(['::1', '127.0.0.9']) });
    expect(await send(`http://two.example:${port}/`)).toMatchObject({ kind: 'delivered', status: 200 });
    expect(connections()).toBe(1);
  });

  test.each([301, 302, 303, 305, 307, 308])('by a redirect with status %i', async (status) => {
    const inside = await listen();
    const outside = await listen((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${inside.port}/` }).end(),
    );
    expect(await openSend()(`http://127.0.0.1:${outside.port}/`)).toMatchObject({
      kind: 'retry',
      status,
      reason: `HTTP ${status}: redirects are not followed`,
    });
    expect(inside.connections()).toBe(0);
  });

  test.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/_x',
    'data:text/plain,x',
    'unix:/run/x.sock',
    'http+unix://%2Frun%2Fx.sock/',
    'ws://127.0.0.1/',
    'javascript:1',
    'http://',
    '//127.0.0.1/',
    '/etc/passwd',
    '',
  ])('by the scheme of %j', async (url) => {
    expect(await openSend()(url)).toEqual({
      kind: 'misconfigured',
      reason: 'not sent: not an http or https URL',
    });
  });

  test.each([0, 22, 25, 53, 111, 1_023])('by port %i, even where the range is opened', async (port) => {
    expect(await openSend()(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'misconfigured',
      reason: `not sent: port ${port} is not for destinations; 80, 443 and those from 1024 on are`,
    });
  });

  test.each([65_536, -1, '8080x'])('by port %s, which is none', async (port) => {
    expect(await openSend()(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'misconfigured' });
  });

  test.each(['127.0.0.1', '127.9.9.9', '[::1]', 'localhost'])('by its own port at %s', async (host) => {
    const { port, connections } = await listen();
    const send = openSend({ allowPrivate: ['127.0.0.0/8', '::1/128'], ownPorts: [port] });
    expect(await send(`http://${host}:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    expect(connections()).toBe(0);
  });
});
