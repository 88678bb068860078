import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer, rewrap, SealBroken, type SealedPlace } from './sealing.ts';
import { readSecretKey } from './secret-key.ts';

const secretKey = readSecretKey('5e'.repeat(32), '');
const otherSecretKey = readSecretKey('07'.repeat(32), '');
const sealer = createSealer(secretKey);
const ACME: SealedPlace = { organization: 'acme', connection: 'hooks', field: 'apiKey' };
const acmeKey = sealer.newDataKey('acme');

/** Names that invite confusion: empty, or with the characters that notations separate with. */
const name = fc.oneof(fc.string(), fc.constantFrom('', 'a', 'a|b', '","', 'acme', 'hooks'));
const place = fc.record({ organization: name, connection: name, field: name });

describe('a sealed text', () => {
  test('opens as it was, whatever it was', () => {
    fc.assert(
      fc.property(place, fc.string({ unit: 'binary', maxLength: 5_000 }), (where, text) => {
        const dataKey = sealer.newDataKey(where.organization);
        expect(sealer.open(dataKey, where, sealer.seal(dataKey, where, text))).toBe(text);
      }),
    );
  });

  test('does not open when any one bit of it is another', () => {
    const sealed = sealer.seal(acmeKey, ACME, 'sk_live_42');
    for (const altered of withOneBitFlipped(sealed)) {
      expect(() => sealer.open(acmeKey, ACME, altered), altered).toThrow(SealBroken);
    }
  });

  test('does not open when any one bit of its data key is another', () => {
    const sealed = sealer.seal(acmeKey, ACME, 'sk_live_42');
    for (const altered of withOneBitFlipped(acmeKey)) {
      expect(() => sealer.open(altered, ACME, sealed), altered).toThrow(SealBroken);
    }
  });

  test('does not open in any other place of its organization', () => {
    fc.assert(
      fc.property(place, name, name, (where, connection, field) => {
        fc.pre(connection !== where.connection || field !== where.field);
        const dataKey = sealer.newDataKey(where.organization);
        const sealed = sealer.seal(dataKey, where, 'sk_live_42');
        expect(() => sealer.open(dataKey, { ...where, connection, field }, sealed)).toThrow(SealBroken);
      }),
    );
  });

  test.each([
    ['a|b', 'c', 'a', 'b|c'],
    ['a","b', 'c', 'a', 'b","c'],
    ['a\nb', 'c', 'a', 'b\nc'],
    ['ab', '', '', 'ab'],
  ])(
    'does not open where the names only look alike: %j %j, %j %j',
    (connection, field, other, otherField) => {
      const sealed = sealer.seal(acmeKey, { ...ACME, connection, field }, 'sk_live_42');
      const alike = { ...ACME, connection: other, field: otherField };
      expect(() => sealer.open(acmeKey, alike, sealed)).toThrow(SealBroken);
    },
  );

  test('does not open with anything behind it', () => {
    const sealed = sealer.seal(acmeKey, ACME, 'sk_live_42');
    for (const more of ['.', '.x', 'A', '=', ' ', '\n']) {
      expect(() => sealer.open(acmeKey, ACME, sealed + more), more).toThrow(SealBroken);
    }
  });

  test('does not open in another organization, with either data key', () => {
    fc.assert(
      fc.property(place, name, (where, organization) => {
        fc.pre(organization !== where.organization);
        const dataKey = sealer.newDataKey(where.organization);
        const sealed = sealer.seal(dataKey, where, 'sk_live_42');
        for (const key of [dataKey, sealer.newDataKey(organization)]) {
          expect(() => sealer.open(key, { ...where, organization }, sealed)).toThrow(SealBroken);
        }
      }),
    );
  });

  test.each(['', 's1', 's1..', 's1.x.y', 's2.aaaaaaaa.AAAA', 'sk_live_42', `s1.${'A'.repeat(8)}.`])(
    'is told from a text that never was sealed: %o',
    (text) => expect(() => sealer.open(acmeKey, ACME, text)).toThrow(SealBroken),
  );

  test('does not open with a tag that was cut short', () => {
    const [version, keyId, body = ''] = sealer.seal(acmeKey, ACME, '').split('.');
    const cut = Buffer.from(body, 'base64url').subarray(0, -4).toString('base64url');
    expect(() => sealer.open(acmeKey, ACME, `${version}.${keyId}.${cut}`)).toThrow(SealBroken);
  });

  test('shows neither the text nor that two texts are the same', () => {
    const [one, other] = [0, 1].map(() => sealer.seal(acmeKey, ACME, 'sk_live_42'));
    expect(one).not.toBe(other);
    expect(Buffer.from(one?.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('sk_live');
  });

  test('that does not open says where it belongs and why, and nothing of itself', () => {
    const sealed = sealer.seal(acmeKey, ACME, 'sk_live_42');
    expect(() => sealer.open(acmeKey, { ...ACME, field: 'secret' }, sealed)).toThrow(
      /^Cannot open the text acme hooks secret: it was altered, or sealed for another place\.$/,
    );
  });
});

describe("a change of the operator's key", () => {
  test('seals the data keys anew and leaves the texts as they are', () => {
    const sealed = sealer.seal(acmeKey, ACME, 'sk_live_42');
    const dataKey = rewrap(acmeKey, 'acme', secretKey, otherSecretKey);
    expect(createSealer(otherSecretKey).open(dataKey, ACME, sealed)).toBe('sk_live_42');
    expect(() => sealer.open(dataKey, ACME, sealed)).toThrow('under another key');
    expect(() => createSealer(otherSecretKey).open(acmeKey, ACME, sealed)).toThrow('under another key');
  });

  test('cannot move a data key to another organization', () => {
    expect(() => rewrap(acmeKey, 'evil', secretKey, otherSecretKey)).toThrow(SealBroken);
  });
});

/** The text once for each of its bits, with that bit turned over. */
function withOneBitFlipped(text: string): string[] {
  const bytes = Buffer.from(text, 'latin1');
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return altered.toString('latin1');
  });
}
