import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type PrimitiveValueListNode,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
  type ValueNode,
} from 'kysely';

/**
 * Refuses texts with the character NUL, which PostgreSQL cannot store: so that what works on SQLite works there as well.
 * Whoever takes texts from outside has to refuse it before.
 */
export class StorableText implements KyselyPlugin {
  readonly #values = new ValueCheck();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#values.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class ValueCheck extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    check(node.value);
    return node;
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    node.values.forEach(check);
    return node;
  }
}

function check(value: unknown): void {
  if (typeof value === 'string' && value.includes('\0'))
    throw new TypeError('A text with the character NUL cannot be stored');
}
