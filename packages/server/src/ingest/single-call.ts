import { type Call, isJsonObject, type JsonObject, readCalls } from '@metarouter/events';
import { type Problem, problem } from '../platform/problem.ts';
import { outOfBounds } from './call-bounds.ts';
import { bodyOf } from './received-body.ts';

/** A body that is one call: all its members, and where it lies. */
interface ReadCall {
  readonly members: JsonObject;
  readonly call: Call;
}

/** Reads a body that is one call of at most `bytesMax` bytes, and makes all of it, since expressions may ask for any part. */
export function readCall(body: Buffer, bytesMax: number): ReadCall | Problem {
  const call = readCalls(bodyOf(body), false)?.root;
  if (call === undefined) return problem('invalid_body', 'the body is not a JSON object');
  const cause = outOfBounds(call, bytesMax);
  if (cause !== undefined) return cause;
  const members: unknown = JSON.parse(body.toString());
  if (!isJsonObject(members)) throw new Error('A call that was read as an object is one.');
  return { members, call };
}
