import { type CallType, DEPTH_MAX } from '@metarouter/events';
import { type Problem, problem } from '../platform/problem.ts';
import type { Answer } from './answers.ts';
import { checkText, readBody } from './body.ts';
import { takeIn } from './intake.ts';
import { queryOf } from './query.ts';
import type { RouteKind } from './route.ts';

/** One transparent point, the smallest picture that every mail program shows. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

/** A picture that is kept anywhere on the way would count the next view as none. */
const PICTURE: Answer = {
  status: 200,
  type: 'image/gif',
  body: GIF,
  headers: [
    'Cache-Control',
    'no-store, no-cache, must-revalidate, private, max-age=0',
    'Pragma',
    'no-cache',
    'Expires',
    '0',
  ],
};

/**
 * A route for one call of this type in an address, for pages and mails that can only show a picture. The answer is
 * always the picture, whatever was wrong: a broken one would be seen by the reader of the mail. HEAD is how programs look
 * at an address before a person does, and stores nothing.
 */
export function pixels(type: CallType): RouteKind {
  const expected = { type, batched: false } as const;
  return {
    methods: ['GET', 'HEAD'],
    read: (request, done) =>
      readBody(request, (body) => done(Buffer.isBuffer(body) ? callIn(request.url ?? '') : body)),
    take(body, { method }, surroundings) {
      if (method === 'HEAD') return { records: [], rejections: [], answer: PICTURE };
      const intake = takeIn(body, expected, surroundings);
      return 'code' in intake ? intake : { ...intake, answer: PICTURE };
    },
    refuse: () => PICTURE,
  };
}

/** The call in a target's query: as base64 in `data`, else spread over dotted parameters. */
function callIn(target: string): Buffer | Problem {
  const query = queryOf(target);
  const data = query.get('data');
  if (data === null) return spreadCall(query);
  // In a query a plus stands for a space, and most senders forget to escape those of base64. The URL-safe alphabet and
  // missing padding are fine as they are.
  return checkText(Buffer.from(data.replaceAll(' ', '+'), 'base64'));
}

interface Branch {
  [key: string]: string | boolean | Branch;
}

/** The call that parameters such as `userId=…&properties.subject=…` make. */
function spreadCall(query: URLSearchParams): Buffer | Problem {
  // Without a prototype, so that no parameter's name means anything.
  const call: Branch = Object.create(null);
  for (const [name, value] of query) {
    const path = name.split('.');
    const last = path.pop() ?? '';
    if (path.length >= DEPTH_MAX) {
      return problem(
        'invalid_event',
        `the parameter ${name.slice(0, 40)}… is nested deeper than ${DEPTH_MAX} levels`,
      );
    }
    let branch = call;
    for (const key of path) branch = branchAt(branch, key);
    branch[last] = isFlag(path) && (value === 'true' || value === 'false') ? value === 'true' : value;
  }
  return Buffer.from(JSON.stringify(call));
}

function branchAt(parent: Branch, key: string): Branch {
  const present = parent[key];
  if (typeof present === 'object') return present;
  const branch: Branch = Object.create(null);
  parent[key] = branch;
  return branch;
}

/** Whether `true` and `false` are no texts there: a text in `integrations` would switch on what it says is off. */
function isFlag([root]: readonly string[]): boolean {
  return root === 'integrations' || root === 'context';
}
