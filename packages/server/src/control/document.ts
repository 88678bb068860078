import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit';
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationTypeNode,
  parse,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';
import type { Caller } from './caller.ts';
import { onceADocument } from './once-a-document.ts';
import type { Operation } from './operation.ts';
import { readableQuery } from './readable-query.ts';
import { Refusal } from './refusal.ts';
import { signedInIntrospection } from './signed-in-introspection.ts';

/** Fields within fields. The deepest that a screen needs are the steps of a trace, at 8. */
export const DEPTH_MAX = 12;

/** Fields under another name: each makes an operation run its work once more. */
export const ALIASES_MAX = 30;

/** Fields, an object counting two, times what `first` asks for: a page of 100 things with 40 fields costs half of it. */
export const COST_MAX = 10_000;

/** A request's document, within the limits. */
interface ReadDocument {
  /** The text of the document, as graphql takes it. */
  readonly query: string;
  readonly document: DocumentNode;
  /** Of the operation that is asked for. */
  readonly kind: `${OperationTypeNode}`;
}

const TOO_DEEP = `An operation may have fields within fields ${DEPTH_MAX} deep: ask for less, or in two operations.`;
const TOO_MANY_ALIASES = `An operation may have ${ALIASES_MAX} aliases: send the rest in another one.`;
const TOO_COSTLY = `An operation may cost ${COST_MAX}: ask for fewer fields, or for less with \`first\`.`;

/**
 * The document of a request. Limits come first, before anything whose work grows with
 * the document; whether it fits the schema is still to be validated.
 *
 * @throws GraphQLError, or a Refusal, saying which limit is passed or what is not GraphQL.
 */
export function readDocument(
  { query: written, operationName }: Operation,
  schema: GraphQLSchema,
  caller: Caller,
): ReadDocument {
  const query = readableQuery(written);
  const document = parse(query);
  const rules = [
    ...LIMITS,
    onceADocument,
    ...(caller.kind === 'anonymous' ? [signedInIntrospection(caller)] : []),
  ];
  const [error] = validate(schema, document, rules, { maxErrors: 1 });
  if (error !== undefined) throw error;
  const operation = getOperationAST(document, operationName);
  if (operation == null) throw new Refusal('BAD_INPUT', notChosen(operationName));
  return { query, document, kind: operation.operation };
}

function notChosen(operationName: string | undefined): string {
  return operationName === undefined
    ? 'There must be one operation in the query, or operationName must say which of them is meant.'
    : `There is no operation ${operationName} in the query.`;
}

const LIMITS: readonly ValidationRule[] = [
  maxDepthRule({ n: DEPTH_MAX, ...refusing(TOO_DEEP) }),
  maxAliasesRule({ n: ALIASES_MAX, ...refusing(TOO_MANY_ALIASES) }),
  costLimitRule({ maxCost: COST_MAX, depthCostFactor: 1, ...refusing(TOO_COSTLY) }),
];

/** The options that have a rule refuse in our words. */
function refusing(message: string) {
  const refuse = (context: ValidationContext | null) =>
    context?.reportError(new GraphQLError(message, { originalError: new Refusal('BAD_INPUT', message) }));
  return { onReject: [refuse], propagateOnRejection: false };
}
