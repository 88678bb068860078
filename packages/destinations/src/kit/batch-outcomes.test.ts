import { type Event, isJsonObject, type JsonObject, type TrackEvent } from '@metarouter/events';
import { describe, expect, test } from 'vitest';
import type { Batch, DeclaredBatch, EventOutcomes } from './batch.ts';
import { destination } from './destination.ts';
import type { DeclaredOutcome } from './outcome.ts';
import { type OutgoingRequest, post } from './request.ts';
import { text } from './text-field.ts';
import { VENDOR } from './vendor.fixture.ts';

/** A vendor that takes lists of events, and answers as the declaration reads it. */
function vendor(track: (event: TrackEvent) => OutgoingRequest, declared: DeclaredBatch) {
  return destination({
    ...VENDOR,
    connection: { token: text({ label: '', description: '', pattern: { matches: /^t$/, mustBe: 't' } }) },
    api: { url: () => 'https://api.vendor.example', authorization: ({ token }) => `Bearer ${token}` },
    batch: () => declared,
    on: { track },
  });
}

/** The request for three events together, and what its answer means for each. */
function sentTogether({ prepare, batch }: ReturnType<typeof vendor>) {
  const [connection, config] = [{ token: 't' }, {}];
  const plan = prepare(connection, config);
  const requests = ['a', 'b', 'c'].flatMap((messageId) => {
    const event: Event = {
      type: 'track',
      event: 'Seen',
      messageId,
      userId: 'u',
      timestamp: '',
      receivedAt: '',
    };
    const answer = plan(event);
    return 'requests' in answer ? answer.requests : [];
  });
  const joining: Batch = batch(connection, config) ?? expect.fail('it has no batch mode');
  return {
    request: joining.join(requests),
    outcomes: (status: number, answer: unknown) =>
      joining.outcomesOf?.(
        { status, body: typeof answer === 'string' ? answer : JSON.stringify(answer) },
        requests,
      ),
  };
}

const KB = 1_024;
const AS_STATUS: EventOutcomes = [undefined, undefined, undefined];

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html: a 200 has an entry for each record, in
// their order, with a SequenceNumber if it was taken. If not, its ErrorCode is either
// ProvisionedThroughputExceededException or InternalFailure, and both pass.
describe('a 200 that names refused events (Kinesis, PutRecords)', () => {
  const kinesis = vendor(
    ({ messageId, userId = '' }) =>
      post('/', { StreamName: 's', Records: [{ Data: messageId, PartitionKey: userId }] }),
    {
      eventsMax: 500,
      bytesMax: 10 * KB * KB,
      waitMs: 0,
      list: 'Records',
      outcomesOf({ status, json }, requests) {
        const records = isJsonObject(json) && Array.isArray(json.Records) ? json.Records : [];
        return requests.map((_, index) => (status === 200 ? recordOutcome(records[index]) : undefined));
      },
    },
  );
  const { request, outcomes } = sentTogether(kinesis);
  const taken = { SequenceNumber: '21269319989900637946712965403778482371', ShardId: 'shardId-000000000001' };
  const refused = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' };
  const again = (reason: string): DeclaredOutcome => ({ kind: 'retry', reason });

  function recordOutcome(record: unknown): DeclaredOutcome | undefined {
    const { SequenceNumber, ErrorCode } = isJsonObject(record) ? record : {};
    if (typeof SequenceNumber === 'string') return undefined;
    return again(typeof ErrorCode === 'string' ? ErrorCode : 'the answer does not tell of this record');
  }

  test('the events go in one list, in their order, behind the address and with the credentials', () => {
    expect(request).toMatchObject({
      url: 'https://api.vendor.example/',
      headers: { authorization: 'Bearer t' },
      body: { StreamName: 's', Records: ['a', 'b', 'c'].map((Data) => ({ Data, PartitionKey: 'u' })) },
    });
  });

  test('the refused one is sent again, the others are delivered', () => {
    expect(outcomes(200, { FailedRecordCount: 1, Records: [taken, refused, taken] })).toEqual([
      undefined,
      again('ProvisionedThroughputExceededException'),
      undefined,
    ]);
    expect(outcomes(200, { FailedRecordCount: 0, Records: [taken, taken, taken] })).toEqual(AS_STATUS);
  });

  test('an event that the answer does not tell of is not taken for delivered', () => {
    const untold = again('the answer does not tell of this record');
    expect(outcomes(200, { FailedRecordCount: 0, Records: [taken] })).toEqual([undefined, untold, untold]);
    for (const answer of ['', '{"Records":[{"Seq', [], null, { Records: 3 }, { Records: [{}, 1, null] }])
      expect(outcomes(200, answer)).toEqual([untold, untold, untold]);
  });

  test('any other status holds for all', () => {
    for (const status of [400, 500])
      expect(outcomes(status, { __type: 'ResourceNotFoundException' })).toEqual(AS_STATUS);
  });
});

// https://docs.mixpanel.com/troubleshooting/errors/400-bad-request: with strict=1 a 400 names the refused events by
// their index, and the others are taken all the same.
describe('a 400 that names refused events (Mixpanel, import)', () => {
  const mixpanel = vendor(
    ({ event, messageId }) => post('/import?strict=1', [{ event, properties: { $insert_id: messageId } }]),
    {
      eventsMax: 2_000,
      bytesMax: 10 * KB * KB,
      waitMs: 0,
      outcomesOf({ status, json }, requests) {
        const failed = status === 400 && isJsonObject(json) ? failedRecords(json) : new Map();
        // Unless it adds up, nobody knows which were taken.
        const isWhole =
          isJsonObject(json) &&
          failed.size > 0 &&
          json.num_records_imported === requests.length - failed.size;
        return requests.map((_, index) => (isWhole ? importOutcome(failed.get(index)) : undefined));
      },
    },
  );
  const { request, outcomes } = sentTogether(mixpanel);

  /** What is wrong with the records that were refused, by their place among those sent. */
  function failedRecords({ failed_records: records }: JsonObject): ReadonlyMap<unknown, unknown> {
    const known: readonly unknown[] = Array.isArray(records) ? records : [];
    return new Map(known.filter(isJsonObject).map(({ index, message }) => [index, message]));
  }

  function importOutcome(fault: unknown): DeclaredOutcome {
    return fault === undefined
      ? { kind: 'delivered', reason: 'taken' }
      : { kind: 'rejected', reason: `${fault}` };
  }

  const answer = (imported: number, ...indexes: readonly number[]) => ({
    code: 400,
    error: 'some data points in the request failed validation',
    status: 'Bad Request',
    num_records_imported: imported,
    failed_records: indexes.map((index) => ({
      index,
      insert_id: 'x',
      field: 'properties.time',
      message: 'no',
    })),
  });
  const delivered = { kind: 'delivered', reason: 'taken' };
  const rejected = { kind: 'rejected', reason: 'no' };

  test('the body itself is the list', () => {
    const items = ['a', 'b', 'c'].map((id) => ({ event: 'Seen', properties: { $insert_id: id } }));
    expect(request).toMatchObject({ url: 'https://api.vendor.example/import?strict=1', body: items });
  });

  test('the named ones are given up, the others are delivered', () => {
    expect(outcomes(400, answer(2, 1))).toEqual([delivered, rejected, delivered]);
    expect(outcomes(400, answer(1, 2, 0))).toEqual([rejected, delivered, rejected]);
    expect(outcomes(400, answer(0, 0, 1, 2))).toEqual([rejected, rejected, rejected]);
  });

  test('an answer that names none, or does not add up, holds for all', () => {
    for (const odd of ['', 'Bad Request', {}, answer(3), answer(0), answer(0, 1), { failed_records: [3] }])
      expect(outcomes(400, odd)).toEqual(AS_STATUS);
  });

  test('any other status holds for all', () => {
    for (const status of [200, 429, 500]) expect(outcomes(status, answer(2, 1))).toEqual(AS_STATUS);
  });
});
