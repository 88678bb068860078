import { expect, test } from 'vitest';
import { isMailAddress, maskedAddress, readMailSender, standardMailSender } from './mail-address.ts';

test.each([
  'ford@example.com',
  'ford.prefect+guide@mail.example.co.uk',
  "o'brien@example.com",
  'zoë@bücher.example',
  'root@localhost',
])('%s is an address', (text) => {
  expect(isMailAddress(text)).toBe(true);
});

test.each([
  '',
  'ford',
  '@example.com',
  'ford@',
  'ford@example.com, arthur@example.com',
  'Ford <ford@example.com>',
  '"a b"@example.com',
  'ford@example.com\r\nBcc: arthur@example.com',
  'ford@exa mple.com',
  'ford@-example.com',
  'a..b@example.com',
  `${'x'.repeat(65)}@example.com`,
  `ford@${'example.'.repeat(40)}com`,
])('%j is no address', (text) => {
  expect(isMailAddress(text)).toBe(false);
});

test.each([
  ['ford@example.com', { name: '', address: 'ford@example.com' }],
  ['Ford Prefect <ford@example.com>', { name: 'Ford Prefect', address: 'ford@example.com' }],
  [' "Prefect, Ford" <ford@example.com> ', { name: 'Prefect, Ford', address: 'ford@example.com' }],
  ['Ford <ford>', undefined],
  ['Fo"rd <ford@example.com>', undefined],
  ['Fo\u202erd <ford@example.com>', undefined],
  ['Ford\r\nBcc: x@example.com <ford@example.com>', undefined],
])('the sender %j is read as %j', (text, sender) => {
  expect(readMailSender(text)).toEqual(sender);
});

test.each([
  ['ford@example.com', 'https://events.example.com', 'ford@example.com'],
  ['apikey', 'https://events.example.com:8443/base', 'metarouter@events.example.com'],
  [undefined, 'http://server1:8080', 'metarouter@server1'],
  [undefined, 'http://192.0.2.7:8080', 'metarouter@localhost'],
  [undefined, 'http://[2001:db8::7]', 'metarouter@localhost'],
  [undefined, undefined, 'metarouter@localhost'],
])('with the user %s and the public address %s, mails are from %s', (user, publicUrl, address) => {
  expect(standardMailSender(user, publicUrl)).toEqual({ name: 'MetaRouter', address });
});

test.each([
  ['ford@example.com', 'f…@example.com'],
  ['😀x@example.com', '😀…@example.com'],
  ['no address', '…'],
  ['', '…'],
])('in a log, %j is %j', (address, masked) => {
  expect(maskedAddress(address)).toBe(masked);
});
