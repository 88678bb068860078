import { describe, expect, test } from 'vitest';
import type { Batch } from '../kit/batch.ts';
import { isUnchecked } from '../kit/connection-test.ts';
import type { Answer } from '../kit/request.ts';
import { CATALOGUE, type CatalogueEntry, DESTINATIONS } from './index.ts';

const requestsOf = ({ sends }: CatalogueEntry['examples'][number]) =>
  'skip' in sends || 'refuse' in sends ? [] : sends;

/** What is sent when these answers go together. */
function answerTo(planned: readonly Answer[], batch: Batch | undefined): Answer {
  const sendings = planned.filter((answer) => 'requests' in answer);
  const requests = [
    ...Map.groupBy(
      sendings.flatMap(({ requests }) => requests),
      ({ key }) => key,
    ).values(),
  ];
  return {
    requests: requests.map((ofKey) => batch?.join(ofKey) ?? expect.fail('it has no batch mode')),
    notes: sendings.flatMap(({ notes }) => notes),
  };
}

test('every destination has a code of its own', () => {
  expect(DESTINATIONS.size).toBe(CATALOGUE.length);
});

describe.each(CATALOGUE.map((entry) => ({ ...entry, code: entry.destination.code })))(
  '$code',
  ({ destination, examples, code }) => {
    test('lives in the folder of its code', async () => {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      const there: Record<string, unknown> = await import(`./${code}/destination.ts`);
      expect(Object.values(there)).toContain(destination);
    });

    test('says what it is for, and labels every field', () => {
      expect(destination.name).not.toBe('');
      expect(destination.purpose).toMatch(/\.$/);
      expect(destination.docs).toMatch(/^https:\/\//);
      for (const field of [...Object.values(destination.connection), ...Object.values(destination.config)]) {
        expect(field.label).not.toBe('');
        expect(field.description).toMatch(/\.$/);
        expect(field.found ?? 'In it.').toMatch(/^In .*\.$/);
      }
      for (const sentence of destination.limits.data) expect(sentence).toMatch(/\.$/);
      for (const { remedy } of destination.troubleshooting) expect(remedy).toMatch(/\.$/);
      expect(destination.troubleshooting).not.toEqual([]);
    });

    test('says who sends to it, and has handlers when that is the server', () => {
      expect(destination.modes).not.toEqual([]);
      expect(destination.platforms).not.toEqual([]);
      expect(destination.handles.length > 0).toBe(destination.modes.includes('cloud'));
      // A tag runs in a page.
      if (!destination.modes.includes('cloud')) expect(destination.platforms).toEqual(['analytics.js']);
    });

    test('has no secret in the config of a pipeline, which is shown as it is stored', () => {
      expect(Object.values(destination.config).filter(({ secret }) => secret)).toEqual([]);
    });

    test('is tested without a secret in a URL, and says in a sentence what was found', () => {
      expect(destination.tested).toMatch(/\.$/);
      for (const { connection } of examples) {
        const trial = destination.test(connection);
        if (isUnchecked(trial)) continue;
        expect(trial.requests).not.toEqual([]);
        for (const { url, key } of trial.requests) {
          expect(url).toMatch(/^https:\/\//);
          for (const secret of destination.secrets(connection, {})) expect(url + key).not.toContain(secret);
        }
        const answers = (failure: string | undefined) =>
          trial.requests.map(() => ({ failure, json: undefined }));
        expect(trial.read(answers('HTTP 401'))).toEqual({
          verdict: 'fails',
          sentence: expect.stringMatching(/HTTP 401.*\.$/),
        });
        expect(trial.read(answers(undefined)).sentence).toMatch(/\.$/);
      }
    });

    test('has an example for every handler', () => {
      const shown = new Set<string>(examples.map(({ event }) => event.type));
      for (const handled of destination.handles) {
        expect(handled === 'any' ? shown.size > 0 : shown.has(handled), handled).toBe(true);
      }
    });

    test.each(examples.map((example) => ({ ...example })))(
      '$title',
      ({ event, together = [], connection, config, sends, notes = [] }) => {
        expect(destination.check(connection, config)).toEqual([]);
        const answer = 'skip' in sends || 'refuse' in sends ? sends : { requests: sends, notes };
        const planner = destination.prepare(connection, config);
        const planned = [event, ...together].map((each) => planner(each));
        const batch = destination.batch(connection, config);
        expect(together.length > 0 ? answerTo(planned, batch) : planned[0]).toEqual(answer);
      },
    );

    test('sends an event that goes alone in batch mode as its example shows', () => {
      for (const example of examples.filter(({ together }) => together === undefined)) {
        const batch = destination.batch(example.connection, example.config);
        for (const request of requestsOf(example)) expect(batch?.join([request]) ?? request).toEqual(request);
      }
    });

    test('puts no secret into a URL or a key, and knows every secret that it puts into a header', () => {
      for (const example of examples) {
        const secrets = destination.secrets(example.connection, example.config);
        for (const { url, key, headers } of requestsOf(example)) {
          expect(url).toMatch(/^https:\/\//);
          for (const secret of secrets) expect(url + key).not.toContain(secret);
          const { authorization = '' } = headers;
          expect(authorization === '' || secrets.some((secret) => authorization.endsWith(secret))).toBe(true);
        }
      }
    });

    test('gives each request of a delivery a key of its own', () => {
      for (const example of examples) {
        const keys = requestsOf(example).map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      }
    });

    test('plans the same for the same event', () => {
      for (const { event, connection, config } of examples) {
        const plan = () => destination.prepare(connection, config)(event);
        expect(JSON.stringify(plan())).toBe(JSON.stringify(plan()));
      }
    });

    if ('endpoint' in destination.connection) {
      test('sends everything to the endpoint that is given', () => {
        for (const example of examples) {
          const connection = { ...example.connection, endpoint: 'http://127.0.0.1:9/below/' };
          const answer = destination.prepare(connection, example.config)(example.event);
          const urls = 'requests' in answer ? answer.requests.map(({ url }) => url) : [];
          for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9\/below\/[^/]/);
          expect(urls).toHaveLength(requestsOf(example).length);
        }
      });
    }

    test('refuses a setting that it does not know', () => {
      expect(destination.check({ ...examples[0]?.connection, colour: 'red' }, {})).toEqual([
        { path: 'connection.colour', message: 'is not a setting of this destination' },
      ]);
    });
  },
);
