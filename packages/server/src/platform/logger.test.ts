import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

/** A logger and the lines that it wrote. */
function recorded(level: Parameters<typeof createLogger>[0] = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(level, { write: (line) => lines.push(JSON.parse(line)) });
  return { logger, lines };
}

test('a line is JSON with its level, its time and its fields', () => {
  const { logger, lines } = recorded();
  logger.info('Lane started.', { pipeline: 'hooks', position: 7 });
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      msg: 'Lane started.',
      pipeline: 'hooks',
      position: 7,
    },
  ]);
});

test.each([
  'password',
  'clientSecret',
  'accessToken',
  'authorization',
  'Set-Cookie',
  'apiKey',
  'api_key',
  'requestBody',
])('a field named %s is never written', (name) => {
  const { logger, lines } = recorded();
  logger.warn('Odd.', { [name]: 'hunter2' });
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});

test.each(['source', 'writeKey'])('of a write key in the field %s only the beginning is written', (name) => {
  const { logger, lines } = recorded();
  logger.info('Seen.', { [name]: 'ILoveData123' });
  logger.info('Seen.', { [name]: 'abc' });
  expect(lines.map((line) => line[name])).toEqual(['ILov…', 'ab…']);
});

test('an error is written with its message and its cause', () => {
  const { logger, lines } = recorded();
  logger.error('Writing failed.', {}, new Error('append', { cause: new Error('EIO') }));
  expect(lines[0]).toMatchObject({
    level: 'error',
    err: { message: expect.stringContaining('append: EIO') },
  });
});

test('lines below the level are not written', () => {
  const { logger, lines } = recorded('warn');
  logger.info('Hidden.');
  logger.warn('Shown.');
  expect(lines.map(({ msg }) => msg)).toEqual(['Shown.']);
});
