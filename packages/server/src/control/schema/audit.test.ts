import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { OPERATOR } from '../control.fixture.ts';
import { type Houston, openHouston, valueAt } from '../houston.fixture.ts';

const ENTRIES = 7;

eachDatabase('the audit log', (open) => {
  let houston: Houston;
  beforeAll(async () => {
    houston = await openHouston(open);
    const { organization, services } = houston.control;
    for (let number = 1; number <= ENTRIES; number += 1) {
      await services.store.change(OPERATOR, async ({ note }) => {
        note({
          organization,
          action: 'test.done',
          target: `t${number}`,
          targetName: '',
          details: { number },
        });
        note({ organization: 'another', action: 'test.done', target: 'foreign', targetName: '' });
      });
    }
  });
  afterAll(() => houston[Symbol.asyncDispose]());

  const page = (args = '') =>
    houston.ask(`{ auditLog(orgId: "${houston.control.organization}"${args})
      { nodes { target action actor actorId address details at } pageInfo { hasNextPage endCursor } } }`);
  const targets = (answer: unknown) => {
    const nodes = valueAt(answer, 'nodes');
    return Array.isArray(nodes) ? nodes.map((node) => valueAt(node, 'target')) : answer;
  };

  test('shows every change of the organization, and no other, newest first', async () => {
    const answer = await page();
    expect(targets(answer)).toEqual(['t7', 't6', 't5', 't4', 't3', 't2', 't1']);
    expect(answer).toMatchObject({
      nodes: { 0: { actor: 'operator', actorId: null, address: '', details: { number: 7 } } },
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  test.each([1, 2, 3, 6, 7, 8])('page after page of %i shows each change once, in order', async (first) => {
    const seen: unknown[] = [];
    let after = '';
    do {
      const answer = await page(`, first: ${first}${after}`);
      const shown = targets(answer);
      expect(shown).toHaveLength(Math.min(first, ENTRIES - seen.length));
      seen.push(...(Array.isArray(shown) ? shown : []));
      const cursor = valueAt(answer, 'pageInfo', 'endCursor');
      expect(valueAt(answer, 'pageInfo', 'hasNextPage')).toBe(cursor !== null);
      after = cursor === null ? '' : `, after: "${cursor}"`;
    } while (after !== '');
    expect(seen).toEqual(['t7', 't6', 't5', 't4', 't3', 't2', 't1']);
  });

  test('what is written meanwhile does not shift the next page', async () => {
    const first = await page(', first: 3');
    const { organization, services } = houston.control;
    await services.store.change(OPERATOR, async ({ note }) =>
      note({ organization, action: 'test.done', target: 'late', targetName: '' }),
    );
    const after = valueAt(first, 'pageInfo', 'endCursor');
    expect(targets(await page(`, first: 2, after: "${after}"`))).toEqual(['t4', 't3']);
  });

  test.each(['', 'x', '1.5', '1e3', '99999999999999999999', "' OR 1=1 --"])(
    '"%s" is no cursor',
    async (after) => {
      expect(await page(`, after: "${after}"`)).toMatchObject({
        errors: [{ extensions: { code: 'BAD_INPUT', faults: [{ field: 'after' }] } }],
      });
    },
  );

  test.each([0, -1, 201])('a page of %i is refused', async (first) => {
    expect(await page(`, first: ${first}`)).toMatchObject({
      errors: [{ extensions: { code: 'BAD_INPUT', faults: [{ field: 'first' }] } }],
    });
  });

  test('a User does not see it', async () => {
    const { token } = await houston.member('ada@example.com');
    const query = `{ auditLog(orgId: "${houston.control.organization}") { nodes { id } } }`;
    expect(await houston.ask(query, { token })).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  });
});
