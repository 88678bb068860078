import { acceptCustom, type Call, momentOf, readMetadata } from '@metarouter/events';
import { type Problem, problem } from '../platform/problem.ts';
import { refusal, verdictOn } from './answers.ts';
import { readBody } from './body.ts';
import { type MetadataCarrier, metadataBeside } from './custom-events-metadata.ts';
import type { Surroundings } from './intake.ts';
import type { RouteKind, Taken } from './route.ts';
import { readCall } from './single-call.ts';
import { basicUser } from './write-key.ts';

/** The route for any JSON object, with the little that must be known about it given as metadata. */
export const customEvents: RouteKind = {
  methods: ['POST'],
  read: readBody,
  take: takeInCustom,
  refuse: (cause) => refusal(cause, false),
};

/**
 * Turns a custom event's body into a record, without copying its bytes. The write key stands in the metadata; without one
 * there it is the user name of Basic authorization.
 */
function takeInCustom(body: Buffer, carrier: MetadataCarrier, surroundings: Surroundings): Taken {
  const read = readCall(body, surroundings.eventBytesMax);
  if ('code' in read) return refusedUnread(read, surroundings);
  const { members, call } = read;
  const beside = metadataBeside(carrier);
  if (beside === undefined) {
    return refusedUnread(problem('invalid_event', 'X-Event-Metadata must be a JSON object'), surroundings);
  }
  const reading = readMetadata(members, beside);
  const writeKey = reading.given.writeKey ?? basicUser(carrier.headers.authorization);
  const source = writeKey === undefined ? undefined : surroundings.workspace.sources.get(writeKey);
  if (writeKey === undefined || source?.enabled !== true) {
    const details = reading.faults.filter((fault) => fault.startsWith('writeKey ')).join('; ');
    return refused([problem('invalid_write_key', details)], undefined, reading.given.eventID, call);
  }
  const { receivedAt, newId } = surroundings;
  const verdict = acceptCustom(members, reading, {
    writeKey,
    received: momentOf(receivedAt),
    newId,
    requestIp: surroundings.clientAddress(),
    isUsersIp: source.platform !== 'server',
  });
  if (verdict.kind === 'refused') {
    const problems = verdict.faults.map((fault) => problem('invalid_event', fault));
    return refused(problems, source.id, reading.given.eventID, call);
  }
  const { messageId, orderKey, opening, ending, answer } = verdict;
  const pieces = [opening, body.subarray(call.start, call.end), ending];
  return {
    records: [{ source: source.id, type: 'custom', orderKey, messageId, receivedAt, pieces }],
    rejections: [],
    answer: { status: 201, body: answer },
  };
}

/** An event whose metadata is not known: of its source we only know what stands around the body. */
function refusedUnread(cause: Problem, { workspace, writeKey }: Surroundings): Taken {
  const key = writeKey();
  const source = key === undefined ? undefined : workspace.sources.get(key);
  return refused([cause], source?.id);
}

function refused(
  problems: readonly Problem[],
  source: string | undefined,
  messageId: string | null = null,
  call?: Call,
): Taken {
  const rejections = problems.map((problem) => ({ index: 0, messageId, source, problem, call }));
  const intake = { records: [], rejections };
  return { ...intake, answer: verdictOn(intake, false) };
}
