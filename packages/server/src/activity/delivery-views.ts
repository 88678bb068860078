import { z } from 'zod';

/** Which lane something happened in: a replay has a lane of its own, named by its id; `''` is the live one. */
const laneKey = { pipeline: z.string(), partition: z.number(), replay: z.string() };

/** A dead letter as people see it. */
export const deadLetter = z.object({
  id: z.number(),
  ...laneKey,
  state: z.enum(['dead', 'lost', 'queued']),
  messageId: z.string().optional(),
  count: z.number(),
  reason: z.string(),
  status: z.number().optional(),
  attempts: z.number(),
  /** When it was given up, in milliseconds since 1970. */
  at: z.number(),
  answer: z.string().optional(),
  /** The event as JSON. */
  event: z.string().optional(),
});
export type DeadLetterView = Readonly<z.infer<typeof deadLetter>>;

/** A replay, how far it is, and its own row of the ledger. */
export const replayStatus = z.object({
  id: z.string(),
  pipeline: z.string(),
  fromTime: z.number(),
  untilTime: z.number(),
  createdAt: z.number(),
  state: z.enum(['running', 'paused', 'cancelled', 'done']),
  /** Its own row of the ledger. */
  accepted: z.number(),
  delivered: z.number(),
  filtered: z.number(),
  dead: z.number(),
  pending: z.number(),
});
export type ReplayStatus = Readonly<z.infer<typeof replayStatus>>;

/** A pipeline of which every attempt has failed, and since when. Times in milliseconds since 1970. */
export const outage = z.object({
  pipeline: z.string(),
  /** When the first attempt failed after one that had not. */
  since: z.number(),
  /** Since when the lane is paused, for the pipeline itself is refused: the credentials are wrong. Absent when it is not. */
  refusedSince: z.number().optional(),
  /** When the last attempt failed. */
  lastAt: z.number(),
  /** Why, in words for people and without secrets. */
  reason: z.string(),
});
export type Outage = Readonly<z.infer<typeof outage>>;

/** A request as people are shown it. */
export const tracedRequest = z.object({
  method: z.string(),
  url: z.string(),
  /** As JSON; of a long one that was sent, a remark that it was not kept. */
  body: z.string().optional(),
});

export type TracedRequest = Readonly<z.infer<typeof tracedRequest>>;

const tracedExchange = z.object({
  request: tracedRequest,
  /** Counted from 1. */
  attempt: z.number(),
  /** How many events went with it. */
  events: z.number(),
  at: z.number(),
  /** In milliseconds; absent while the answer is awaited. */
  tookMs: z.number().optional(),
  status: z.number().optional(),
  reason: z.string().optional(),
  answer: z.string().optional(),
});

const pipelineTrace = z.object({
  ...laneKey,
  name: z.string(),
  destination: z.string(),
  /**
   * What became of the event here: `before` when it came before the pipeline began (or lies outside a replay's range),
   * `unread` when the lane has not come to it, `waiting` for what `waits` says.
   */
  outcome: z.enum(['before', 'unread', 'waiting', 'delivered', 'filtered', 'dead', 'redelivering', 'repeat']),
  rule: z.string().optional(),
  reason: z.string().optional(),
  status: z.number().optional(),
  answer: z.string().optional(),
  attempts: z.number().optional(),
  waits: z
    .object({
      state: z.enum(['underWay', 'retry', 'behind', 'turn', 'failing', 'refused', 'broken', 'off']),
      dueInMs: z.number().optional(),
    })
    .optional(),
  /** What is sent for it, worked out from the settings that are or were in force. */
  requests: z.array(tracedRequest).readonly(),
  /** What of the event is not sent, and why. */
  notes: z.array(z.string()).readonly(),
  /** What was really sent and answered, as long as it is remembered. */
  exchanges: z.array(tracedExchange).readonly(),
});
export type PipelineTrace = Readonly<z.infer<typeof pipelineTrace>>;

export const eventTrace = z.object({
  source: z.string(),
  messageId: z.string(),
  position: z.number(),
  sequence: z.number(),
  receivedAt: z.number(),
  isRepeat: z.boolean(),
  event: z.string(),
  pipelines: z.array(pipelineTrace).readonly(),
});
/** An accepted record, and what every pipeline of its source did with it. */
export type EventTrace = Readonly<z.infer<typeof eventTrace>>;
