import { expect, test } from 'vitest';
import { readSmtpServer } from './smtp-server.ts';

const PLAIN = { port: undefined, tls: 'offered', isCertificateChecked: true, credentials: undefined };
const FORD = { user: 'ford', password: 'towel' };

test.each([
  ['smtp://mail.example.com', { ...PLAIN, host: 'mail.example.com' }],
  ['smtp://127.0.0.1:1025/', { ...PLAIN, host: '127.0.0.1', port: 1025 }],
  ['smtp://[::1]:25', { ...PLAIN, host: '::1', port: 25 }],
  [
    'smtps://ford:towel@m.example:465',
    { ...PLAIN, host: 'm.example', port: 465, tls: 'whole', credentials: FORD },
  ],
  ['smtp://m.example?requireTLS=true', { ...PLAIN, host: 'm.example', tls: 'required' }],
  ['smtp://m.example?ignoreTLS=true', { ...PLAIN, host: 'm.example', tls: 'never' }],
  [
    'smtp://m.example?tls.rejectUnauthorized=false',
    { ...PLAIN, host: 'm.example', isCertificateChecked: false },
  ],
])('%s', (text, server) => {
  expect(readSmtpServer(text)).toEqual(server);
});

test('a password is not sent in clear text unless somebody wrote that it shall be', () => {
  expect(readSmtpServer('smtp://ford:towel@m.example')).toMatchObject({ tls: 'required' });
  expect(readSmtpServer('smtp://ford:towel@m.example?ignoreTLS=true')).toMatchObject({ tls: 'never' });
  expect(readSmtpServer('smtp://ford:towel@m.example?requireTLS=false')).toMatchObject({ tls: 'offered' });
});

test('special characters of the user and the password are percent-encoded', () => {
  const server = readSmtpServer('smtps://ford%40example.com:t%2Fo%25%3Awel@m.example');
  expect(server?.credentials).toEqual({ user: 'ford@example.com', password: 't/o%:wel' });
});

test.each([
  'mail.example.com',
  'mail.example.com:25',
  'https://mail.example.com',
  'smtp://',
  'smtp://m.example/path',
  'smtp://m.example#part',
  'smtp://m.example?pool=true',
  'smtp://m.example?ignoreTLS=yes',
  'smtp://m.example?ignoreTLS=true&requireTLS=true',
  'smtps://m.example?ignoreTLS=true',
  'smtp://:towel@m.example',
  'smtp://ford:100%@m.example',
])('%s is refused', (text) => {
  expect(readSmtpServer(text)).toBeUndefined();
});
