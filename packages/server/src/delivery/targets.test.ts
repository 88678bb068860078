import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { createAddressGuard } from './address-guard.ts';
import { Connections } from './connections.ts';
import { GuardedConnector } from './guarded-connector.ts';
import type { Receiver } from './receiver.ts';
import { Targets } from './targets.ts';

/** Targets, and the receivers for which connections were opened. */
function start() {
  const clock = new VirtualClock();
  const guard = createAddressGuard({ allowPrivate: [] });
  const connector = new GuardedConnector(clock, guard, async () => []);
  const opened: Receiver[] = [];
  const targets = new Targets((receiver) => {
    opened.push(receiver);
    return new Connections(clock, connector, receiver, 1);
  });
  return { targets, opened };
}

test('URLs of one scheme, host and port share their connections, however they are written', () => {
  const { targets, opened } = start();
  const shared = ['https://a.example', 'https://A.example:443/b?c#d', 'https://x:y@a.example/b'];
  expect(new Set(shared.map((url) => targets.of(url)?.connections)).size).toBe(1);
  for (const url of ['http://a.example/', 'https://a.example:8443/', 'https://b.example/', ...shared])
    targets.of(url);
  expect(opened).toEqual([
    { isSecure: true, host: 'a.example', port: 443 },
    { isSecure: false, host: 'a.example', port: 80 },
    { isSecure: true, host: 'a.example', port: 8443 },
    { isSecure: true, host: 'b.example', port: 443 },
  ]);
});

test('a URL is remembered in its parsed form, but not one that is as long as an event can make it', () => {
  const { targets, opened } = start();
  const short = 'https://a.example/devices/1';
  const long = `https://a.example/devices/${'x'.repeat(1_024)}`;
  expect(targets.of(short)).toBe(targets.of(short));
  expect(targets.of(long)).not.toBe(targets.of(long));
  expect(targets.of(long)).toEqual(targets.of(long));
  expect(opened).toHaveLength(1);
});

test('what is no URL of the web leads nowhere', () => {
  const { targets, opened } = start();
  for (const url of [
    '',
    '/a',
    'a.example',
    'ftp://a.example/',
    'file:///etc/passwd',
    'https://',
    'http://a b/',
  ])
    expect(targets.of(url)).toBeUndefined();
  expect(opened).toEqual([]);
});
