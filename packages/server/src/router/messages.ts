import { z } from 'zod';
import { deadLetter, eventTrace, outage, replayStatus } from '../activity/delivery-views.ts';
import { hourCount, recentPage } from '../activity/event-views.ts';
import { finding, preview } from '../activity/trial-views.ts';

const sequenceNumber = z.number().int().nonnegative();
const laneKey = { pipeline: z.string(), partition: z.number(), replay: z.string() };

/** Why a lane does not send at present. `off`: its pipeline is switched off, or its replay is not running. */
const trouble = z.enum(['failing', 'refused', 'broken', 'off']);

const laneSnapshot = z.object({
  ...laneKey,
  source: z.string(),
  /** The source's last sequence before the lane began; below zero where the log lost events that the lane counts. */
  startSequence: z.number().int(),
  /** The source's last sequence of a replay's events. */
  endSequence: sequenceNumber.optional(),
  /** The source's last sequence that the lane has taken. */
  sequence: sequenceNumber,
  delivered: z.number(),
  /** By rule. */
  filtered: z.map(z.string(), z.number()).readonly(),
  dead: z.number(),
  /** Records that repeat earlier ones, and so are no events. */
  repeats: z.number(),
  /** The same, of those that are known and that the lane has not taken yet. */
  repeatsAhead: z.number(),
  /** Taken, and neither settled nor held. */
  window: z.number(),
  /** Waiting as rows: sequence − startSequence = delivered + filtered + dead + repeats + window + held, always. */
  held: z.number(),
  trouble: trouble.optional(),
  /** Since the lane started. `retried` and `paused` count attempts, the others events. */
  outcomes: z.object({
    delivered: z.number(),
    filtered: z.number(),
    dead: z.number(),
    retried: z.number(),
    paused: z.number(),
  }),
});

const routerSnapshot = z.object({
  lanes: z.array(laneSnapshot).readonly(),
  /** Records that repeat earlier ones, by source. */
  repeats: z.map(z.string(), z.number()).readonly(),
  latency: z.object({
    bounds: z.array(z.number()).readonly(),
    counts: z.array(z.number()).readonly(),
    sumSeconds: z.number(),
  }),
});

/** One lane's row of the ledger, and its counters. */
export type LaneSnapshot = Readonly<z.infer<typeof laneSnapshot>>;
/** All lanes at one moment. */
export type RouterSnapshot = Readonly<z.infer<typeof routerSnapshot>>;

const reportLevel = z.enum(['info', 'warn', 'error']);
const reportFields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Writes a line to the process's log: never secrets, never events. */
export type Report = (
  level: z.infer<typeof reportLevel>,
  message: string,
  fields: Readonly<z.infer<typeof reportFields>>,
) => void;

const pipeline = z.object({
  id: z.string(),
  name: z.string(),
  source: z.string(),
  destination: z.string(),
  connection: z.record(z.string(), z.unknown()),
  config: z.record(z.string(), z.unknown()),
  filter: z
    .array(z.object({ name: z.string(), only: z.string().optional(), drop: z.string().optional() }))
    .readonly(),
  enabled: z.boolean(),
});

const choice = z.object({
  pipeline: z.string(),
  ids: z.array(z.number()).optional(),
  reason: z.string().optional(),
  messageId: z.string().optional(),
  from: z.number().optional(),
  until: z.number().optional(),
});

const doorCount = z.object({
  source: z.string(),
  hour: z.number().int(),
  type: z.string().optional(),
  reason: z.string().optional(),
  count: z.number().int(),
});

/** Something that the main thread asks of the lane thread: what is given, and what is answered. */
export interface Question<Given, Answer> {
  readonly name: string;
  readonly given: z.ZodType<Given>;
  readonly answer: z.ZodType<Answer>;
}

function question<Given, Answer>(
  name: string,
  given: z.ZodType<Given>,
  answer: z.ZodType<Answer>,
): Question<Given, Answer> {
  return { name, given, answer };
}

const nothing = z.undefined();

/** All questions, each with its name. */
export const QUESTIONS = {
  /** Answered as long as the lanes are not stuck. */
  alive: question('alive', nothing, nothing),
  snapshot: question('snapshot', nothing, routerSnapshot),
  /** These pipelines run from now on, and no others. */
  apply: question('apply', z.array(pipeline).readonly(), nothing),
  /** All pipelines that are stored, by id: what is kept of others is forgotten, once they have been gone for 30 days. */
  forgetOthers: question('forgetOthers', z.array(z.string()).readonly(), nothing),
  /** Every record with this message id: more than one when it was repeated. */
  trace: question('trace', z.object({ source: z.string(), messageId: z.string() }), z.array(eventTrace)),
  deadLetters: question(
    'deadLetters',
    z.object({ choice, first: z.number(), before: z.number().optional() }),
    z.array(deadLetter),
  ),
  /** What a pipeline would do with an event, given as JSON. Undefined when there is no such pipeline. */
  preview: question('preview', z.object({ pipeline: z.string(), event: z.string() }), preview.optional()),
  /** Asks a connection's receivers whether its credentials are right, without sending an event. */
  testConnection: question(
    'testConnection',
    z.object({ destination: z.string(), details: z.record(z.string(), z.unknown()) }),
    finding,
  ),
  /** A source's accepted events, newest first, those in front of a position. */
  recent: question(
    'recent',
    z.object({
      source: z.string(),
      first: z.number().int().positive(),
      before: z.number().int().optional(),
      search: z.string(),
    }),
    recentPage,
  ),
  /** What came of a source's events, `step` hours added up: 1, or 24 for days of UTC. Times in ms since 1970. */
  counts: question(
    'counts',
    z.object({ source: z.string(), from: z.number(), until: z.number(), step: z.number().int().positive() }),
    z.array(hourCount),
  ),
  /** The pipelines of which every attempt has failed, and since when. */
  outages: question('outages', nothing, z.array(outage).readonly()),
  /** Keeps what the door has counted, durably. */
  takeFromDoor: question('takeFromDoor', z.array(doorCount).readonly(), nothing),
  /** How many dead letters a pipeline has of each reason. */
  reasons: question('reasons', z.string(), z.array(z.object({ reason: z.string(), count: z.number() }))),
  /** Answers how many are delivered once more. */
  redeliver: question('redeliver', choice, z.number()),
  /** Undefined when the pipeline does not run. */
  replay: question(
    'replay',
    z.object({ pipeline: z.string(), from: z.number().int(), until: z.number().int() }),
    replayStatus.optional(),
  ),
  replays: question('replays', z.object({ pipeline: z.string().optional() }), z.array(replayStatus)),
  /** False when it is not in a state for that. */
  changeReplay: question(
    'changeReplay',
    z.object({ id: z.string(), to: z.enum(['pause', 'resume', 'cancel']) }),
    z.boolean(),
  ),
};

/** What the main thread asks of the lane thread. */
export const toLanes = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ask'), id: z.number(), name: z.string(), given: z.unknown() }),
  z.object({ kind: z.literal('stop') }),
]);
export type ToLanes = z.infer<typeof toLanes>;

/** What the lane thread tells the main thread. */
export const fromLanes = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('answer'), id: z.number(), answer: z.unknown() }),
  z.object({ kind: z.literal('refused'), id: z.number(), message: z.string() }),
  z.object({ kind: z.literal('report'), level: reportLevel, message: z.string(), fields: reportFields }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  z.object({ kind: z.literal('stopped') }),
]);
export type FromLanes = z.infer<typeof fromLanes>;

/** Where a lane that never ran begins: one entry a partition, in their order. */
const laneStart = z.object({
  position: z.number(),
  /** The last sequence of each source before that position. */
  sequences: z.map(z.string(), z.number()).readonly(),
});
export type LaneStart = Readonly<z.infer<typeof laneStart>>;

/** What the lane thread is started with. */
export const laneThreadData = z.object({
  /** The data directory, whose log is read. */
  directory: z.string(),
  shared: z.instanceof(SharedArrayBuffer),
  pipelines: z.array(pipeline).readonly(),
  dedupWindowMs: z.number(),
  starts: z.array(laneStart).readonly(),
  /** What `Planning` shares. */
  planning: z.instanceof(SharedArrayBuffer),
  /** By position: how often the event there has stopped the lanes. */
  suspects: z.map(z.number(), z.number()).readonly(),
  allowPrivate: z.array(z.string()).readonly(),
  ownPorts: z.array(z.number()).readonly(),
});
export type LaneThreadData = z.infer<typeof laneThreadData>;
