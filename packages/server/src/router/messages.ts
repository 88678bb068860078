import { z } from 'zod';

const sequenceNumber = z.number().int().nonnegative();

const laneSnapshot = z.object({
  pipeline: z.string(),
  partition: z.number(),
  source: z.string(),
  /** The source's last sequence before the lane began; below zero where the log lost events that the lane counts. */
  startSequence: z.number().int(),
  /** The source's last sequence that the lane has taken. */
  sequence: sequenceNumber,
  delivered: z.number(),
  filtered: z.number(),
  dead: z.number(),
  /** Taken and not settled: sequence − startSequence = delivered + filtered + dead + window, always. */
  window: z.number(),
  paused: z.boolean(),
  /** Since the process started. `retried` and `paused` count attempts, the others events. */
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

/** What the main thread asks of the lane thread. */
export const toLanes = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), id: z.number() }),
  z.object({ kind: z.literal('stop') }),
]);
export type ToLanes = z.infer<typeof toLanes>;

/** What the lane thread tells the main thread. */
export const fromLanes = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('snapshot'), id: z.number(), snapshot: routerSnapshot }),
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
  stateFile: z.string(),
  pipelines: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      source: z.string(),
      destination: z.string(),
      connection: z.record(z.string(), z.unknown()),
      config: z.record(z.string(), z.unknown()),
      enabled: z.boolean(),
    }),
  ),
  starts: z.array(laneStart).readonly(),
  allowPrivate: z.array(z.string()).readonly(),
  ownPorts: z.array(z.number()).readonly(),
});
export type LaneThreadData = z.infer<typeof laneThreadData>;
