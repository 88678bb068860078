import { expect, test } from 'vitest';
import { basicAuth } from './basic-auth.ts';

test.each([
  ['Aladdin', 'open sesame', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
  ['test', '123£', 'dGVzdDoxMjPCow=='],
  ['', '', 'Og=='],
  ['a', '', 'YTo='],
  ['a', 'b', 'YTpi'],
  ['?', '~~~', 'Pzp+fn4='],
  ['ÿ', 'ÿÿ', 'w786w7/Dvw=='],
])('user %j with password %j', (user, password, encoded) => {
  expect(basicAuth(user, password)).toBe(`Basic ${encoded}`);
});
