/** The calls of the protocol, in the order in which documents name them. */
export const CALLS = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type Call = (typeof CALLS)[number];

/** What may come back from a server: a status, or a connection that is cut before one. */
export const ANSWERS = [200, 207, 400, 413, 429, 503, 'cut'] as const;
export type Answer = (typeof ANSWERS)[number];

/**
 * What an SDK does with the events of a request, once it is answered:
 * - `done`: it takes them as delivered;
 * - `drops`: it gives them up;
 * - `again`: it sends them again, and stops when that succeeds, or after a limit of its own;
 * - `for ever`: it sends them again without end.
 */
export type Reaction = 'done' | 'drops' | 'again' | 'for ever';
export type Reactions = Readonly<Record<Answer, Reaction>>;

/** Where a server is, and who is sending. */
export interface Target {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly writeKey: string;
}

/** An event as a destination receives it. */
export type Event = Readonly<Record<string, unknown>>;

/** One SDK, be it the real client or a recording of what its source sends. */
export interface Sdk {
  /** The package's name. */
  readonly name: string;
  readonly version: string;
  /** The name of its page in docs/sdks/. */
  readonly page: string;
  readonly proof: 'real client' | 'recorded request';
  readonly platform: 'server' | 'analytics.js' | 'ios' | 'android' | 'react-native';
  /** What must arrive of each call that it has. */
  readonly calls: Readonly<Partial<Record<Call, Event>>>;
  /** What all of its events have in common. */
  readonly common: Event;
  /** How long it goes on with `again`, in words for the table. */
  readonly patience: string;
  /** Answers that make it lose events, though they tell it to send them again, each with the reason. */
  readonly losses?: Readonly<Partial<Record<Answer, string>>>;
  /** Sends each of its calls once. Resolves when it has let go of them. */
  sendAll(target: Target): Promise<void>;
  /** What it does after each answer: tried out on a real client, read in the source of a recorded one. */
  reactions(): Promise<Reactions>;
}

/** What each call means, whichever SDK sends it: every SDK here is told to send just this. */
export const MEANING = {
  identify: { userId: 'ada', traits: { email: 'ada@acme.example', city: 'Zürich', logins: 3 } },
  track: {
    userId: 'ada',
    event: 'Order Completed',
    properties: { total: 12.5, coupon: '<10 & more>', products: [{ sku: 'G-32' }] },
  },
  page: { userId: 'ada', name: 'Start', properties: { path: '/docs/start' } },
  screen: { userId: 'ada', name: 'Basket', properties: { items: 2 } },
  group: { userId: 'ada', groupId: 'acme', traits: { plan: 'team' } },
  alias: { userId: 'ada', previousId: 'visitor-7' },
} satisfies Record<Call, Event>;
