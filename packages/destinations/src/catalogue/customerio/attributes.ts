import { isAbsent, type JsonObject } from '@metarouter/events';
import { unixSeconds } from '../../kit/unix-seconds.ts';
import { utf8Length } from '../../kit/utf8.ts';

/** More traits than this in one identify call do not all arrive. */
export const TRAITS_MAX = 30;
/** Beyond these the whole call is refused: https://customer.io/docs/invalid-api-requests/. */
export const TRAIT_NAME_BYTES_MAX = 150;
export const TRAIT_VALUE_BYTES_MAX = 1_000;

/** What must arrive, however many other traits there are: how to reach the person, and whether one may. */
const FIRST = ['email', 'unsubscribed', 'created_at'];

/**
 * Not attributes to Customer.io, but commands: `id` and `cio_id` make the call about somebody else than its path says,
 * `_update` keeps it from adding the person, and `cio_relationships` joins or leaves groups.
 * https://docs.customer.io/api/track/#operation/identify.
 */
const COMMANDS = ['id', 'cio_id', '_update', 'cio_relationships'];

type Trait = readonly [name: string, value: unknown];

/** What identify sends of a user's traits, and what it leaves out. */
export interface PersonAttributes {
  readonly attributes: JsonObject;
  readonly notes: readonly string[];
}

/**
 * The traits that Customer.io takes: `email`, `unsubscribed` and `created_at` first, the others as they come, thirty in
 * all. A trait that is too long is left out as a whole, since half of a value would be a wrong value.
 */
export function personAttributes(traits: JsonObject): PersonAttributes {
  const given = Object.entries(withSubscription(withCreatedAt(traits)));
  const { command = [], tooLong = [], attribute = [] } = Object.groupBy(given, kindOf);
  const ordered = [
    ...FIRST.flatMap((wanted) => attribute.filter(([name]) => name === wanted)),
    ...attribute.filter(([name]) => !FIRST.includes(name)),
  ];
  return {
    attributes: Object.fromEntries(ordered.slice(0, TRAITS_MAX)),
    notes: [
      ...leftOut(command, 'commands to Customer.io'),
      ...leftOut(ordered.slice(TRAITS_MAX), `Customer.io takes ${TRAITS_MAX} traits a call`),
      ...leftOut(
        tooLong,
        `longer than ${TRAIT_VALUE_BYTES_MAX} bytes, or ${TRAIT_NAME_BYTES_MAX} in the name`,
      ),
    ],
  };
}

/** The traits with `createdAt` as `created_at`, in the seconds that Customer.io counts time in. */
export function withCreatedAt({ createdAt, created_at, ...others }: JsonObject): JsonObject {
  const created = created_at ?? createdAt;
  return isAbsent(created) ? others : { ...others, created_at: unixSeconds(created) ?? created };
}

/** The traits without an `unsubscribed` of null, which says nothing. */
function withSubscription({ unsubscribed, ...others }: JsonObject): JsonObject {
  return isAbsent(unsubscribed) ? others : { ...others, unsubscribed };
}

function kindOf([name, value]: Trait): 'command' | 'tooLong' | 'attribute' {
  if (COMMANDS.includes(name)) return 'command';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const fits = utf8Length(name) <= TRAIT_NAME_BYTES_MAX && utf8Length(text) <= TRAIT_VALUE_BYTES_MAX;
  return fits ? 'attribute' : 'tooLong';
}

function leftOut(traits: readonly Trait[], why: string): readonly string[] {
  return traits.length === 0 ? [] : [`Left out (${why}): ${traits.map(([name]) => name).join(', ')}`];
}
