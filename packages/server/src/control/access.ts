import type { Need } from './roles.ts';

/** What an argument can name, so that an operation is about it. */
export type Target = 'organization' | 'source' | 'connection' | 'pipeline' | 'apiKey';

/** Who may call a field of the schema. Each root field has one; a schema with a field that has none is not built. */
export type AccessRule =
  /** Anybody: what is needed to get a token in the first place. */
  | { readonly kind: 'open' }
  /** Whoever has a valid token or API key: the field itself shows only what is theirs. */
  | { readonly kind: 'signedIn' }
  /** A person, and not an API key: it is about the account. */
  | { readonly kind: 'person' }
  /** A member of the organization that the target belongs to, whose role has what is needed. */
  | {
      readonly kind: 'member';
      readonly target: Target;
      /** The argument with the target's id. */
      readonly argument: string;
      readonly need: Need;
      /** Whether the organization's objects change: then the caller has to name it in the header as well. */
      readonly edits: boolean;
      /** Whether it is about the caller's own place: an API key has none to give up. */
      readonly isForPersons: boolean;
    };

/** The key under which a field's extensions have its rule. */
const EXTENSION = 'access';

/** As a field's `extensions`: this rule is for it. */
export function access(rule: AccessRule): Readonly<Record<string, AccessRule>> {
  return { [EXTENSION]: rule };
}

export const open = access({ kind: 'open' });
export const signedIn = access({ kind: 'signedIn' });
export const person = access({ kind: 'person' });

/** The field reads what belongs to the organization of the target that this argument names. */
export function reads(target: Target, argument: string, need: Need) {
  return access({ kind: 'member', target, argument, need, edits: false, isForPersons: false });
}

/** The field changes it. */
export function edits(target: Target, argument: string, need: Need) {
  return access({ kind: 'member', target, argument, need, edits: true, isForPersons: false });
}

/** The field changes the caller's own place in the organization that this argument names. */
export function editsOwnPlace(argument: string) {
  const need = 'organization.read';
  return access({ kind: 'member', target: 'organization', argument, need, edits: true, isForPersons: true });
}

/** The rule of a field; undefined when it has none. */
export function accessOf(extensions: Readonly<Record<string, unknown>>): AccessRule | undefined {
  const rule = extensions[EXTENSION];
  return isRule(rule) ? rule : undefined;
}

function isRule(value: unknown): value is AccessRule {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
