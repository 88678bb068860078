import { expect, test } from 'vitest';
import { ONCE_A_DOCUMENT } from './once-a-document.ts';
import { schema } from './schema.ts';

test('what is done once a document is a mutation, with the argument that makes it harmful', () => {
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const [name, argument] of ONCE_A_DOCUMENT) {
    const names = mutations[name]?.args.map((each) => each.name);
    expect(names, name).toBeDefined();
    if (argument !== undefined) expect(names).toContain(argument);
  }
});

test('every mutation that is open to strangers is done once a document', () => {
  const open = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
    ({ extensions }) => JSON.stringify(extensions.access) === '{"kind":"open"}',
  );
  expect(open.length).toBeGreaterThan(0);
  for (const { name } of open) expect(ONCE_A_DOCUMENT.has(name), name).toBe(true);
});
