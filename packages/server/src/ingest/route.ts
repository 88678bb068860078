import type { IncomingMessage } from 'node:http';
import type { Problem } from '../platform/problem.ts';
import type { Answer } from './answers.ts';
import type { Intake, Surroundings } from './intake.ts';

/** What the kind of a route decides. Everything else is the same for every request and done by the door. */
export interface Route {
  /** The path by which the route is known, of several that lead to it. */
  readonly name: string;
  /** The methods that it takes, beside OPTIONS. */
  readonly methods: readonly string[];
  /** Calls `done` once with the request's payload, unzipped, bounded and valid UTF-8, or with what is wrong. */
  readonly read: (request: IncomingMessage, done: (body: Buffer | Problem) => void) => void;
  /** Turns the payload into records, and says what to answer once they are stored. */
  readonly take: (body: Buffer, request: IncomingMessage, surroundings: Surroundings) => Taken | Problem;
  /** The answer when the request is refused as a whole. */
  readonly refuse: (cause: Problem) => Answer;
}

/** What a request came to. */
export interface Taken extends Intake {
  /** What the client is told when all of the records are stored. */
  readonly answer: Answer;
}

/** A route without its name: what its kind says. */
export type RouteKind = Omit<Route, 'name'>;
