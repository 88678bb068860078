import type { OutgoingRequest } from './request.ts';

/** How stored credentials are checked without sending an event, as an author writes it. */
export type DeclaredTest<Connection> = Trial<Connection> | Unchecked;

interface Trial<Connection> {
  /** For people: what is asked, and what the receiver notices of it. A sentence. */
  readonly asks: string;
  /** Something that only the right credentials are answered well, and that is no event. At least one. */
  readonly requests: (connection: Connection) => readonly OutgoingRequest[];
  /** Reads the answers, which are in the order of the requests. */
  readonly read: (answers: readonly TestAnswer[], connection: Connection) => Finding;
}

/** There is nothing that a server could ask. */
export interface Unchecked {
  /** For people: why not. A sentence. */
  readonly unchecked: string;
}

/** What came back for one request of a test. */
export interface TestAnswer {
  /** Why it was not answered well, for people: a phrase. Undefined when it was. */
  readonly failure: string | undefined;
  /** Of an answer that is JSON. */
  readonly json: unknown;
}

/** What a test found. */
export interface Finding {
  readonly verdict: 'works' | 'fails' | 'unchecked';
  /** For people: what is right or wrong, and what to do about it. Never a secret. */
  readonly sentence: string;
}

/** A test of stored credentials, as data: what to send, and how to read what comes back. Pure. */
export interface ConnectionTest {
  readonly requests: readonly OutgoingRequest[];
  read(answers: readonly TestAnswer[]): Finding;
}

/** The credentials are right. */
export function works(sentence: string): Finding {
  return { verdict: 'works', sentence };
}

/** The connection cannot be used as it is. */
export function fails(sentence: string): Finding {
  return { verdict: 'fails', sentence };
}

/** Tells a reason for no test from a test. */
export function isUnchecked(test: object): test is Unchecked {
  return 'unchecked' in test;
}
