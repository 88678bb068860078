import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { readSecretKey } from './secret-key.ts';
import { SessionTokens } from './session-tokens.ts';
import { VirtualClock } from './virtual-clock.ts';

const DAY_MS = 86_400_000;
const SESSION = { userId: 'u7', tokenVersion: 3 };
/** 999 ms into a second, where rounding shows. */
const START = 1_772_355_600_999;
const SECOND = Math.floor(START / 1_000);
const SECRET_KEY = readSecretKey('5e'.repeat(32), '');
const KEY = createSecretKey(SECRET_KEY.key('tokens'));

const CLAIMS = {
  sub: 'u7',
  ver: 3,
  iss: 'metarouter',
  aud: 'metarouter/control',
  jti: 'j1',
  iat: SECOND,
  exp: SECOND + 86_400,
};
const HEADER = { alg: 'HS256', typ: 'session+jwt' };

function opened() {
  const clock = new VirtualClock(START);
  return { clock, tokens: new SessionTokens(SECRET_KEY, clock) };
}

/** A token that somebody made who has our key: ours but for what is given. */
function forged(claims: object = {}, header: object = {}, key: Parameters<SignJWT['sign']>[0] = KEY) {
  return new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ ...HEADER, ...header }).sign(key);
}

describe('a session token', () => {
  test('says whose it is, with a name of its own each time', async () => {
    const { tokens } = opened();
    const { token } = await tokens.issue(SESSION);
    expect(await tokens.read(token)).toEqual(SESSION);
    expect(decodeProtectedHeader(token)).toEqual(HEADER);
    expect(decodeJwt(token)).toEqual({ ...CLAIMS, jti: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect((await tokens.issue(SESSION)).token).not.toBe(token);
  });

  test('holds for 24 hours from its second, and not a millisecond longer', async () => {
    const { clock, tokens } = opened();
    const { token, issuedAt, expiresAt } = await tokens.issue(SESSION);
    expect(issuedAt).toBe(SECOND * 1_000);
    expect(expiresAt - issuedAt).toBe(DAY_MS);
    clock.setForward(expiresAt - 1 - START);
    expect(await tokens.read(token)).toEqual(SESSION);
    clock.setForward(1);
    expect(await tokens.read(token)).toBe('expired');
    clock.setForward(365 * DAY_MS);
    expect(await tokens.read(token)).toBe('expired');
  });

  test('is read by every server with the same key, and by no other', async () => {
    const { clock, tokens } = opened();
    const { token } = await tokens.issue(SESSION);
    expect(await new SessionTokens(readSecretKey('5E'.repeat(32), ''), clock).read(token)).toEqual(SESSION);
    expect(await new SessionTokens(readSecretKey('5f'.repeat(32), ''), clock).read(token)).toBe('invalid');
  });

  test('is invalid when any one character of it is another', async () => {
    const { tokens } = opened();
    const { token } = await tokens.issue(SESSION);
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const altered = token.slice(0, at) + other + token.slice(at + 1);
      expect(await tokens.read(altered), altered).toBe('invalid');
    }
  });

  test('is invalid with any other last character, of which some bits stand for nothing', async () => {
    const { tokens } = opened();
    const { token } = await tokens.issue(SESSION);
    const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter(
      (character) => character !== token.at(-1),
    );
    for (const other of others) expect(await tokens.read(token.slice(0, -1) + other), other).toBe('invalid');
  });
});

describe('what is no session token', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicText = publicKey.export({ type: 'spki', format: 'pem' });

  test.each([
    ['signed by nobody', async () => new UnsecuredJWT(CLAIMS).encode()],
    ['signed by nobody, with our type', async () => unsigned({ ...HEADER, alg: 'none' })],
    ['signed with another key', () => forged({}, {}, Buffer.alloc(32, 1))],
    ['signed with the key of another purpose', () => forged({}, {}, SECRET_KEY.key('sealing'))],
    ['signed with an algorithm that is stronger', () => forged({}, { alg: 'HS512' }, Buffer.alloc(64, 1))],
    ['signed with a private key', () => forged({}, { alg: 'RS256' }, privateKey)],
    ['signed with a public key', () => forged({}, {}, Buffer.from(publicText))],
    ['of another type', () => forged({}, { typ: 'JWT' })],
    ['of no type', () => forged({}, { typ: undefined })],
    ['with a demand that we do not know', () => critical()],
    ['without an end', () => forged({ exp: undefined })],
    ['without a beginning', () => forged({ iat: undefined })],
    ['without a user', () => forged({ sub: undefined })],
    ['with an empty user', () => forged({ sub: '' })],
    ['without a name', () => forged({ jti: undefined })],
    ['without a version', () => forged({ ver: undefined })],
    ['with a version in words', () => forged({ ver: '3' })],
    ['with half a version', () => forged({ ver: 3.5 })],
    ['of another issuer', () => forged({ iss: 'elsewhere' })],
    ['of no issuer', () => forged({ iss: undefined })],
    ['for another audience', () => forged({ aud: 'metarouter/door' })],
    ['for no audience', () => forged({ aud: undefined })],
    ['with an end in words', () => forged({ exp: 'tomorrow' })],
    ['from more than 30 seconds ahead', () => forged({ iat: SECOND + 31, exp: SECOND + 86_431 })],
    ['that holds from tomorrow', () => forged({ nbf: SECOND + 86_000 })],
  ])('%s', async (_, make) => {
    const { tokens } = opened();
    expect(await tokens.read(await make())).toBe('invalid');
  });

  test('the forgeries above differ from a good token in nothing else', async () => {
    const { tokens } = opened();
    expect(await tokens.read(await forged())).toEqual(SESSION);
    expect(await tokens.read(await forged({ iat: SECOND + 30, exp: SECOND + 86_430 }))).toEqual(SESSION);
  });

  test.each([
    ['its end is past', { exp: SECOND }],
    ['its end is past by less than clocks may differ', { iat: SECOND - 86_400 - 15, exp: SECOND - 15 }],
    ['it was made longer ago than 24 hours, whatever its end', { iat: SECOND - 86_401, exp: SECOND + 999 }],
  ])('has expired when %s', async (_, claims) => {
    const { tokens } = opened();
    expect(await tokens.read(await forged(claims))).toBe('expired');
  });

  test('an expired one is not told from any other bad one without the key', async () => {
    const { tokens } = opened();
    expect(await tokens.read(await forged({ exp: SECOND - 9 }, {}, Buffer.alloc(32, 1)))).toBe('invalid');
  });

  test('any text at all', async () => {
    const { tokens } = opened();
    const part = fc.oneof(fc.base64String(), fc.json().map(encoded), fc.string());
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        expect(await tokens.read(token)).toBe('invalid');
      }),
    );
  });
});

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function unsigned(header: object): string {
  return `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(CLAIMS))}.`;
}

/** A token with a header that must be understood, and that we do not know. */
function critical(): Promise<string> {
  return new SignJWT(CLAIMS)
    .setProtectedHeader({ ...HEADER, crit: ['x'], x: 1 })
    .sign(KEY, { crit: { x: true } });
}
