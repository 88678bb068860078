import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInNetworks, readCidrs } from './network.ts';

describe('readCidrs', () => {
  test.each(['10', '10.1', '127.1/8', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', 'localhost'])(
    'refuses %o',
    (text) => {
      expect(readCidrs(text)).toBeUndefined();
    },
  );

  test('a single address is a network of one', () => {
    expect(readCidrs('10.1.2.3, ::1')).toEqual(['10.1.2.3/32', '::1/128']);
  });

  test('whatever it accepts can be matched against', () => {
    const almost = fc.stringMatching(/^[0-9a-f:./]{0,12}$/);
    fc.assert(
      fc.property(fc.oneof(almost, fc.ipV4(), fc.ipV6()), fc.ipV4(), (text, address) => {
        isInNetworks(readCidrs(text) ?? [])(address);
      }),
    );
  });
});

describe('isInNetworks', () => {
  const isOurs = isInNetworks(['10.0.0.0/8', 'fd00::/8']);

  test.each(['10.255.0.1', '::ffff:10.0.0.1', 'fd12::1'])('%s is in', (address) =>
    expect(isOurs(address)).toBe(true),
  );
  test.each(['11.0.0.1', '::ffff:11.0.0.1', 'fe80::1', '', 'unknown'])('%o is not', (address) => {
    expect(isOurs(address)).toBe(false);
  });
});
