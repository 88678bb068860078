import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PATH_STEPS_MAX, type Path, type PathStep, parsePath, type Selector } from './path-expression.ts';
import { firstMatch, type Match, PATH_NODES_MAX } from './path-expression-match.ts';

function search(text: string, value: unknown): Match {
  const reading = parsePath(text);
  if ('fault' in reading) throw new Error(`${text} ${reading.fault}`);
  return firstMatch(reading.path, value);
}

const found = (value: unknown): Match => ({ kind: 'found', value });
const nothing: Match = { kind: 'nothing' };

const shop = {
  event: 'my event fields',
  productCategory: 'kitchen',
  user: { id: 42, 'e-mail': 'ada@example.com', 'first name': 'Ada', active: false, note: null },
  items: [
    { sku: 'K-1', price: 1.5 },
    { sku: 'K-2', price: 2 },
    { sku: 'K-3', price: 3 },
  ],
  deep: { productCategory: 'garden' },
};

describe('a path leads to', () => {
  test.each<[string, Match]>([
    ['$', found(shop)],
    ['..productCategory', found('kitchen')],
    ['.deep..productCategory', found('garden')],
    ['.user.id', found(42)],
    ['.user.active', found(false)],
    ['.user.note', found(null)],
    ['.user.e-mail', found('ada@example.com')],
    ["['user']['first name']", found('Ada')],
    ['.items[0].sku', found('K-1')],
    ['.items[-1].sku', found('K-3')],
    ['.items[1:].sku', found('K-2')],
    ['.items[-2:-1].sku', found('K-2')],
    ['.items[*].price', found(1.5)],
    ['.items[2,0].sku', found('K-3')],
    ["['nothing','event']", found('my event fields')],
    ['..[1].sku', found('K-2')],
    ['..sku', found('K-1')],
    ['.*', found('my event fields')],
    ['.missing', nothing],
    ['.items[3]', nothing],
    ['.items[-4]', nothing],
    ['.items[9:]', nothing],
    ['.items[99999999999999999999]', nothing],
    ['.event.length', nothing],
    ['.event[0]', nothing],
    ['.items.length', nothing],
    ['.items.0', nothing],
    ['.user[0]', nothing],
  ])('what the document holds first: %s', (text, match) => {
    expect(search(text, shop)).toEqual(match);
  });

  test('a value before what is below it', () => {
    expect(search('..x', { a: { x: 'deep' }, x: 'top' })).toEqual(found('top'));
    expect(search('..x', { x: { x: 'inner' } })).toEqual(found({ x: 'inner' }));
  });

  test('only what the document itself holds', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(search(`..${name}`, shop)).toEqual(nothing);
    }
    expect(search('..constructor', JSON.parse('{"a":{"constructor":1}}'))).toEqual(found(1));
  });
});

/** Few names, so that paths and values often meet; some look like a path themselves. */
const anyName = fc.constantFrom('a', 'b', 'c-d', 'it’s', 'x y', '', "'", '\\', '..', '0', 'toString');

const anySelector: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({ kind: fc.constant('name' as const), name: anyName }),
  fc.record({ kind: fc.constant('index' as const), index: fc.integer({ min: -4, max: 4 }) }),
  fc.record({
    kind: fc.constant('slice' as const),
    from: fc.integer({ min: -4, max: 4 }),
    to: fc.option(fc.integer({ min: -4, max: 4 }), { nil: undefined }),
  }),
  fc.constant({ kind: 'all' as const }),
);

/** Any path with at most one `..`. */
const anyPath: fc.Arbitrary<Path> = fc
  .tuple(
    fc.array(fc.array(anySelector, { minLength: 1, maxLength: 3 }), { maxLength: PATH_STEPS_MAX }),
    fc.option(fc.nat({ max: PATH_STEPS_MAX - 1 })),
  )
  .map(([steps, deepAt]) => steps.map((selectors, at) => ({ deep: at === deepAt, selectors })));

/** A path as text: in dots where that can be, else in brackets. */
function textOfPath(path: Path): string {
  return `$${path.map(textOfStep).join('')}`;
}

function textOfStep({ deep, selectors }: PathStep): string {
  const [first, ...others] = selectors;
  if (others.length === 0 && first?.kind === 'all') return deep ? '..*' : '.*';
  if (others.length === 0 && first?.kind === 'name' && /^[\w-]+$/.test(first.name)) {
    return `${deep ? '..' : '.'}${first.name}`;
  }
  return `${deep ? '..' : ''}[${selectors.map(textOfSelector).join(', ')}]`;
}

function textOfSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'name':
      return `'${selector.name.replace(/['\\]/g, '\\$&')}'`;
    case 'index':
      return String(selector.index);
    case 'slice':
      return `${selector.from}:${selector.to ?? ''}`;
    case 'all':
      return '*';
  }
}

/** All matches in order, the plain way: one step after the other, each over the whole list. */
function allMatches(path: Path, root: unknown): readonly unknown[] {
  return path.reduce<readonly unknown[]>(
    (values, { deep, selectors }: PathStep) =>
      values
        .flatMap((value) => (deep ? withDescendants(value) : [value]))
        .flatMap((value) => selectors.flatMap((selector) => chosen(value, selector))),
    [root],
  );
}

function withDescendants(value: unknown): readonly unknown[] {
  return [value, ...members(value).flatMap(([, child]) => withDescendants(child))];
}

function chosen(value: unknown, selector: Selector): readonly unknown[] {
  const all = members(value).map(([, child]) => child);
  const place = (n: number) => (n < 0 ? n + all.length : n);
  switch (selector.kind) {
    case 'all':
      return all;
    case 'name':
      return Array.isArray(value) ? [] : all.filter((_, at) => members(value)[at]?.[0] === selector.name);
    case 'index':
      return Array.isArray(value) ? all.filter((_, at) => at === place(selector.index)) : [];
    case 'slice': {
      const isWithin = (at: number) => at >= place(selector.from) && at < place(selector.to ?? all.length);
      return Array.isArray(value) ? all.filter((_, at) => isWithin(at)) : [];
    }
  }
}

function members(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('text', 1, true, null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(anyName, tie('value'), { maxKeys: 5 }),
  ),
}));

test('a path that is written down and read is the same path', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      expect(parsePath(textOfPath(path))).toEqual({ path });
    }),
  );
});

test('the first match is the one that looking at everything finds first', () => {
  fc.assert(
    fc.property(anyPath, anyValue, (path, value) => {
      const matches = allMatches(path, value);
      expect(search(textOfPath(path), value)).toEqual(matches.length > 0 ? found(matches[0]) : nothing);
    }),
    { numRuns: 3_000 },
  );
});

describe('a search ends', () => {
  test('after so many values, found or not', () => {
    const items = Array.from({ length: PATH_NODES_MAX }, (_, k) => ({ k }));
    expect(search('.items[*].k', { items })).toEqual(found(0));
    expect(search('.items[*].x', { items: items.slice(0, -2) })).toEqual(nothing);
    expect(search('.items[*].x', { items: items.slice(0, -1) })).toEqual({ kind: 'too_far' });
  });

  test.each([
    ['every union of everything', `..*${'[*,*,*,*,*,*,*,*,*,*,*]'.repeat(6)}.x`],
    ['slices of the same', `..[0:,0:,0:,0:]${'[0:,0:,0:,0:,0:,0:]'.repeat(6)}.x`],
    ['a long array many times', `.b[${Array(60).fill('*').join()}].x`],
    ['one item again and again', `.a${`[${Array(15).fill('0').join()}]`.repeat(6)}.x`],
  ])(
    'within half a second, ten times, for %s',
    (_, text) => {
      const wide: unknown = Array.from({ length: 20 }, () =>
        Array.from({ length: 20 }, () => Array(20).fill([[[]]])),
      );
      const value = { a: wide, b: Array(100_000).fill(0) };
      for (let k = 0; k < 10; k++) expect(search(text, value)).toEqual({ kind: 'too_far' });
    },
    500,
  );

  test('without a stack overflow in a value of any depth', () => {
    let value: unknown = 'bottom';
    for (let k = 0; k < 200_000; k++) value = { a: value };
    expect(search('..x', value)).toEqual({ kind: 'too_far' });
  });
});
