import { type KyselyPlugin, type RootOperationNode, SqliteQueryCompiler } from 'kysely';
import type { Store } from '../../store/store.ts';

/** A store whose statements are kept. */
export interface RecordedStore extends Store {
  /** The text of each statement, without its values, in order; `change` where a change began. */
  readonly statements: string[];
}

/** Two runs with the same statements take the same time, whatever the values: that is exact where a stopwatch is not. */
export function recorded(store: Store): RecordedStore {
  const statements: string[] = [];
  const compiler = new SqliteQueryCompiler();
  const recorder: KyselyPlugin = {
    transformQuery({ node, queryId }): RootOperationNode {
      statements.push(compiler.compileQuery(node, queryId).sql);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    ...store,
    statements,
    db: store.db.withPlugin(recorder),
    change(actor, work) {
      statements.push('change');
      return store.change(actor, (change) => work({ ...change, db: change.db.withPlugin(recorder) }));
    },
  };
}
