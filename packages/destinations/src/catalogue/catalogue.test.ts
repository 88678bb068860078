import { describe, expect, test } from 'vitest';
import { CATALOGUE, DESTINATIONS } from './index.ts';

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
      ({ event, connection, config, sends }) => {
        expect(destination.check(connection, config)).toEqual([]);
        expect(destination.prepare(connection, config)(event)).toEqual(sends);
      },
    );

    test('puts no secret into a URL', () => {
      for (const { connection, config, sends } of examples) {
        const secrets = destination.secrets(connection, config);
        for (const { url } of 'skip' in sends ? [] : sends) {
          for (const secret of secrets) expect(url).not.toContain(secret);
        }
      }
    });

    test('refuses a setting that it does not know', () => {
      expect(destination.check({ ...examples[0]?.connection, colour: 'red' }, {})).toEqual([
        { path: 'connection.colour', message: 'is not a setting of this destination' },
      ]);
    });
  },
);
