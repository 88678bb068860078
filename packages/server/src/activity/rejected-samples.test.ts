import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import {
  type Rejected,
  RejectedSamples,
  SAMPLE_AGE_MS_MAX,
  SAMPLE_BYTES_MAX,
  SAMPLES_MAX,
  SAMPLES_PER_SOURCE_MAX,
} from './rejected-samples.ts';

const clock = new VirtualClock();

function rejected(source: string | undefined, text: string, details = ''): Rejected {
  return {
    source,
    route: '/v1/track',
    reason: 'invalid_event',
    details,
    messageId: 'm1',
    receivedAt: clock.now(),
    bytes: Buffer.from(text),
  };
}

/** The texts that are kept of these. */
function textsOf(...added: readonly Rejected[]): string[] {
  const samples = new RejectedSamples(clock);
  for (const each of added) samples.add(each);
  return samples.of(added[0]?.source).map(({ text }) => text);
}

test('samples of a source are given newest first, with all that is known of them', () => {
  const samples = new RejectedSamples(clock);
  samples.add(rejected('site', '{}', 'first'));
  samples.add(rejected('site', '{}', 'second'));
  samples.add(rejected(undefined, '{}', 'nobody’s'));
  const { bytes, ...second } = rejected('site', '{}', 'second');
  expect(samples.of('site')).toEqual([
    { ...second, text: '{}' },
    { ...second, details: 'first', text: '{}' },
  ]);
  expect(samples.of(undefined)).toMatchObject([{ details: 'nobody’s' }]);
  expect(samples.of('other')).toEqual([]);
});

describe('write keys are masked', () => {
  test.each([
    ['{"writeKey":"ILoveData123","a":1}', '{"writeKey":"ILov…","a":1}'],
    ['{"WriteKey" : "abc"}', '{"WriteKey" : "ab…"}'],
    ['{"writeKey":""}', '{"writeKey":"…"}'],
    ['{"appId":"ILoveData123"}', '{"appId":"ILov…"}'],
    ['{"writeKey":"ILoveData12', '{"writeKey":"ILov…'],
    [
      '{"write\\u004bey":"SourceOfMine","x":"/v1/w?k=SourceOfMine"}',
      '{"write\\u004bey":"Sour…","x":"/v1/w?k=Sour…"}',
    ],
  ])('%s', (text, masked) => {
    expect(textsOf(rejected('SourceOfMine', text))).toEqual([masked]);
  });

  test('a source with an ID like a word does not lose its words', () => {
    expect(textsOf(rejected('a', '{"writeKey":"a","name":"Anna"}'))).toEqual([
      '{"writeKey":"…","name":"Anna"}',
    ]);
  });
});

describe('the memory is bounded', () => {
  test('only the beginning of a large event is kept', () => {
    expect(textsOf(rejected('site', 'x'.repeat(100_000)))).toEqual(['x'.repeat(SAMPLE_BYTES_MAX)]);
  });

  test('only the last samples of a source are kept', () => {
    const texts = textsOf(
      ...Array.from({ length: SAMPLES_PER_SOURCE_MAX + 5 }, (_, n) => rejected('site', `${n}`)),
    );
    expect([texts.length, texts.at(-1)]).toEqual([SAMPLES_PER_SOURCE_MAX, '5']);
  });

  test('a loud source does not push out a quiet one', () => {
    const samples = new RejectedSamples(clock);
    samples.add(rejected('quiet', '{}'));
    for (let n = 0; n < SAMPLES_MAX * 2; n++) samples.add(rejected('loud', '{}'));
    expect(samples.of('quiet')).toHaveLength(1);
  });

  test('of many sources, those that were refused last are kept', () => {
    const samples = new RejectedSamples(clock);
    const sources = Array.from({ length: SAMPLES_MAX }, (_, n) => `source-${n}`);
    for (const source of [...sources, 'source-0', 'another']) samples.add(rejected(source, '{}'));
    const gone = sources.filter((source) => samples.of(source).length === 0);
    expect(gone).toEqual(['source-1', 'source-2']);
    expect(samples.of('source-0')).toHaveLength(2);
  });

  test('a sample is shown for a day', async () => {
    const own = new VirtualClock();
    const samples = new RejectedSamples(own);
    samples.add({ ...rejected('site', '{}'), receivedAt: own.now() });
    await own.pass(SAMPLE_AGE_MS_MAX);
    expect(samples.of('site')).toHaveLength(1);
    await own.pass(1);
    expect(samples.of('site')).toEqual([]);
  });
});
