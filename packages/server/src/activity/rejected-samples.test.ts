import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import {
  type Rejected,
  RejectedSamples,
  SAMPLE_AGE_MS_MAX,
  SAMPLE_BYTES_MAX,
  SAMPLE_DETAILS_CHARACTERS_MAX,
  SAMPLE_MESSAGE_ID_CHARACTERS_MAX,
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

/** The bytes of this thread's heap that are in use, all that can be collected being collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return getHeapStatistics().used_heap_size;
}

describe('the memory is bounded', () => {
  const bodyBytes = 490 * 1024;

  test.each([
    ['a messageId as long as its body', 0, bodyBytes],
    ['a messageId that is a slice of its body', 14, 23],
  ])('of %s nothing but its beginning is held', (_, start, length) => {
    const samples = new RejectedSamples(clock);
    const before = heapBytes();
    for (let n = 0; n < 40; n++) {
      // As the door reads it: a text of the whole body, of which V8 does not copy slices.
      const latin1 = Buffer.from(`{"messageId":"${n}`.padEnd(bodyBytes, 'x')).toString('latin1');
      const part = latin1.slice(start, start + length);
      samples.add({ ...rejected('site', '{}'), messageId: part, details: part });
    }
    expect(heapBytes() - before).toBeLessThan(4 * bodyBytes);
    expect(samples.of('site')[39]).toMatchObject({ messageId: expect.stringContaining('0x') });
  });

  test('only the beginnings of a long messageId and of long details are kept', () => {
    const samples = new RejectedSamples(clock);
    samples.add({ ...rejected('site', '{}', 'é'.repeat(1_000)), messageId: 'm'.repeat(1_000) });
    expect(samples.of('site')).toMatchObject([
      {
        messageId: 'm'.repeat(SAMPLE_MESSAGE_ID_CHARACTERS_MAX),
        details: 'é'.repeat(SAMPLE_DETAILS_CHARACTERS_MAX),
      },
    ]);
  });

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
