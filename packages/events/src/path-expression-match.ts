import { isJsonObject } from './json.ts';
import type { Path, PathStep, Selector } from './path-expression.ts';

/** How many values a search looks at before it gives up: as many as an event may hold keys; some milliseconds' work. */
export const PATH_NODES_MAX = 10_000;

/** What a search came to. */
export type Match =
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'nothing' }
  /** It looked at `PATH_NODES_MAX` values, and the first match was not among them. */
  | { readonly kind: 'too_far' };

/**
 * The first value that a path leads to, in the order in which the document holds them; with `..` a value comes before
 * what is below it. Only an object's own members are looked at. Never throws, however deep the value is.
 */
export function firstMatch(path: Path, root: unknown): Match {
  /** Where to go on, the next place last. */
  const ahead: Place[] = [{ value: root, done: 0 }];
  for (let looked = 1; ; looked++) {
    const place = ahead.pop();
    if (place === undefined) return { kind: 'nothing' };
    if (looked > PATH_NODES_MAX) return { kind: 'too_far' };
    const step = path[place.done];
    if (step === undefined) return { kind: 'found', value: place.value };
    // More places than will be looked at need not be remembered.
    ahead.push(...placesAfter(place, step, PATH_NODES_MAX + 1 - looked).reverse());
  }
}

/** A value that is reached by the first `done` steps of a path. */
interface Place {
  readonly value: unknown;
  readonly done: number;
}

/** The first `most` places that one step more leads to. */
function placesAfter({ value, done }: Place, { deep, selectors }: PathStep, most: number): Place[] {
  const places: Place[] = [];
  const add = (values: readonly unknown[], done: number) => {
    for (const value of values) {
      if (places.length === most) return;
      places.push({ value, done });
    }
  };
  for (const selector of selectors) add(choices(value, selector), done + 1);
  if (deep) add(childrenOf(value), done);
  return places;
}

function choices(value: unknown, selector: Selector): readonly unknown[] {
  switch (selector.kind) {
    case 'name':
      return isJsonObject(value) && Object.hasOwn(value, selector.name) ? [value[selector.name]] : [];
    case 'index':
      return itemAt(value, selector.index);
    case 'slice':
      return Array.isArray(value) ? value.slice(selector.from, selector.to) : [];
    case 'all':
      return childrenOf(value);
  }
}

function itemAt(value: unknown, index: number): readonly unknown[] {
  const item: unknown = Array.isArray(value) ? value.at(index) : undefined;
  return item === undefined ? [] : [item];
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}
