import { expect, test } from 'vitest';
import { createAddressGuard } from './address-guard.ts';

const closed = createAddressGuard({ allowPrivate: [], ownPorts: [8080], ownAddresses: ['203.1.2.3'] });

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::127.0.0.1',
  '::7f00:1',
  '5f00::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '100::1',
  '::ffff:168.63.129.16',
  '203.1.2.3',
  '::ffff:203.1.2.3',
  '',
  'localhost',
])('%j is not reachable', (address) => {
  expect(closed.permits(address)).toBe(false);
});

test.each(['1.1.1.1', '93.184.216.34', '::ffff:1.1.1.1', '2606:4700:4700::1111'])(
  '%j is reachable',
  (address) => {
    expect(closed.permits(address, 8080)).toBe(true);
  },
);

test('an opened range opens exactly that range', () => {
  const guard = createAddressGuard({ allowPrivate: ['10.1.0.0/16', 'fd00::/64'], ownAddresses: [] });
  expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::5'].map((address) => guard.permits(address))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['10.2.0.1', '127.0.0.1', 'fd00:1::5', '::1'].some((address) => guard.permits(address))).toBe(false);
});

test('the process never reaches its own port, even where the range is opened', () => {
  const guard = createAddressGuard({
    allowPrivate: ['127.0.0.0/8', '10.0.0.0/8'],
    ownPorts: [8080],
    ownAddresses: ['10.0.0.5'],
  });
  expect(guard.permits('127.0.0.1', 9009)).toBe(true);
  expect(guard.permits('127.0.0.1', 8080)).toBe(false);
  expect(guard.permits('10.0.0.5', 8080)).toBe(false);
  expect(guard.permits('10.0.0.6', 8080)).toBe(true);
});

test("of the system's ports only those of the web are open", () => {
  expect([80, 443, 1_024, 65_535].every((port) => closed.permitsPort(port))).toBe(true);
  expect([0, 22, 25, 81, 1_023, 65_536].some((port) => closed.permitsPort(port))).toBe(false);
});

test('a malformed range is refused at once', () => {
  expect(() => createAddressGuard({ allowPrivate: ['10.0.0.0'] })).toThrow();
});
