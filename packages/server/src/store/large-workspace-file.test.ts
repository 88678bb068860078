import type { KyselyPlugin } from 'kysely';
import { expect, test } from 'vitest';
import { applyWorkspaceFile } from './apply-workspace-file.ts';
import { loadWorkspace } from './load-workspace.ts';
import { eachDatabase, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import { ACME, fileOf, OPTIONS, TO_HOOKS } from './workspace-file.fixture.ts';
import type { WorkspaceShape } from './workspace-shape.ts';

eachDatabase('a large workspace file', (open) => {
  /** Applies it, and counts what the database is asked for meanwhile. */
  async function statementsToApply(store: TestStore, file: WorkspaceShape): Promise<number> {
    let statements = 0;
    const counter: KyselyPlugin = {
      transformQuery({ node }) {
        statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const counted: Store = {
      ...store,
      change: (actor, work) =>
        store.change(actor, (change) => work({ ...change, db: change.db.withPlugin(counter) })),
    };
    await applyWorkspaceFile(counted, file, OPTIONS);
    return statements;
  }

  /** With two pipelines from each source. */
  function fileWith(sources: number): WorkspaceShape {
    const list = Array.from({ length: sources }, (_, place) => ({
      name: `Source ${place}`,
      platform: 'server',
      pipelines: [TO_HOOKS, { ...TO_HOOKS, name: 'Again' }],
    }));
    return fileOf({ ...ACME, sources: list });
  }

  test('takes a statement more for each thousand rows and not for each row, and once more as few as the smallest', async () => {
    const small = await open();
    const few = await statementsToApply(small, fileWith(1));
    const fewAgain = await statementsToApply(small, fileWith(1));
    const large = await open();
    const many = await statementsToApply(large, fileWith(1_000));
    process.stdout.write(`statements: ${few} and ${fewAgain} for 3 entries, ${many} for 3,000\n`);
    expect((await loadWorkspace(large)).pipelines).toHaveLength(2_000);
    // The second thousand of pipelines.
    expect(many - few).toBe(1);
    expect(await statementsToApply(large, fileWith(1_000))).toBe(fewAgain);
  });
});
