import { expect, test } from 'vitest';
import { hashOf, isApiKey, newApiKey, newToken } from './one-time-tokens.ts';

test('a token has 256 bits, fits into a URL as it is, and is never made twice', () => {
  const tokens = Array.from({ length: 1_000 }, () => newToken().token);
  expect(new Set(tokens)).toHaveLength(1_000);
  for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
});

test('its hash is found by the token alone, and shows nothing of it', () => {
  const { token, hash } = newToken();
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOf(token)).toBe(hash);
  expect(hashOf(token.toLowerCase())).not.toBe(hash);
});

test('the hash is SHA-256, so that tokens outlive a change of the program', () => {
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('an API key is told from a session token, and shows its beginning only', () => {
  const { key, hash, beginning } = newApiKey();
  expect(key).toMatch(/^mr_[\w-]{43}$/);
  expect(hash).toBe(hashOf(key));
  expect(key.startsWith(beginning)).toBe(true);
  expect(beginning).toHaveLength(9);
  expect([isApiKey(key), isApiKey('eyJhbGciOiJIUzI1NiJ9.e30.x')]).toEqual([true, false]);
});
