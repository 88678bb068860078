import { expect, test } from 'vitest';
import { customerio } from './destination.ts';

const keys = { siteId: '7c1d9e52a0b34f68', apiKey: '1f0e9d8c7b6a5f4e3d2c' };

function testOf(connection: object) {
  const trial = customerio.test(connection);
  return 'unchecked' in trial ? expect.fail('it has a test') : trial;
}

test.each([
  [{}, 'https://track.customer.io/api/v1/accounts/region'],
  [{ region: 'eu' }, 'https://track-eu.customer.io/api/v1/accounts/region'],
  [{ endpoint: 'https://proxy.example' }, 'https://proxy.example/api/v1/accounts/region'],
])('the keys are checked where events go, by a question that writes nothing: %j', (change, url) => {
  const { requests } = testOf({ ...keys, ...change });
  expect(requests).toEqual([
    {
      key: '/api/v1/accounts/region',
      method: 'GET',
      url,
      headers: { authorization: 'Basic N2MxZDllNTJhMGIzNGY2ODoxZjBlOWQ4YzdiNmE1ZjRlM2QyYw==' },
      body: undefined,
    },
  ]);
});

const home = { url: 'https://track.customer.io', region: 'us', environment_id: 3 };

test.each([
  ['us', home, 'works', 'The keys are right, and the account is in the region United States.'],
  [
    'eu',
    home,
    'fails',
    'The keys are right, but the account is in another region (United States): set the region to us.',
  ],
  [
    'us',
    { ...home, region: 'eu' },
    'fails',
    'The keys are right, but the account is in another region (European Union): set the region to eu.',
  ],
  ['us', {}, 'fails', 'The answer is none of the Track API of Customer.io: check the endpoint.'],
  ['us', undefined, 'fails', 'The answer is none of the Track API of Customer.io: check the endpoint.'],
])('with the region %s the answer %j means that it %s', (region, json, verdict, sentence) => {
  expect(testOf({ ...keys, region }).read([{ failure: undefined, json }])).toEqual({ verdict, sentence });
});

test('keys that are refused are told with the reason', () => {
  expect(testOf(keys).read([{ failure: 'HTTP 401: the API key is wrong', json: undefined }])).toEqual({
    verdict: 'fails',
    sentence: 'The keys could not be confirmed: HTTP 401: the API key is wrong.',
  });
});
