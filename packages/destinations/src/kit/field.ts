/** A complaint about one stored value: where it is, and what would be right. */
export interface Fault {
  /** Dots and brackets from the value's root: `urls[1]`. Empty for the root itself. */
  readonly path: string;
  readonly message: string;
}

/** What a field made of a stored value. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** One entry of a destination's form. It is at once the form, the validation, the redaction list and the docs. */
export interface Field<T> extends Labels {
  readonly kind: 'text' | 'url' | 'number' | 'choice' | 'list' | 'pairs';
  readonly required: boolean;
  /** True when the value must never be shown, logged or returned. */
  readonly secret: boolean;
  /** What there is to choose from: the stored values, each with its name for people. */
  readonly options?: Readonly<Record<string, string>>;
  /** The stored value that counts when none is given. */
  readonly fallback?: string;
  /** What a number may be. */
  readonly range?: Range;
  /** Turns a stored value into the type that handlers see. An absent value arrives as `undefined`. */
  read(stored: unknown): Reading<T>;
}

/** From `min` to `max`, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What people read about a field. */
export interface Labels {
  readonly label: string;
  readonly description: string;
  /** Where in the vendor's product the value is found: "under Settings, API keys". */
  readonly found?: string;
}

/** The fields of a connection or a config, by their stored name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What handlers see of these fields. */
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** The stored value can be used. */
export function right<T>(value: T): Reading<T> {
  return { ok: true, value };
}

/** The stored value cannot be used; the message completes "urls[1] …". */
export function wrong(message: string): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [{ path: '', message }] };
}
