import type { IncomingMessage } from 'node:http';
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Clock } from '../platform/clock.ts';
import type { Context } from './context.ts';
import { readDocument } from './document.ts';
import { answeredError, refusalOf, writtenError } from './errors.ts';
import { statusOf } from './http-refusal.ts';
import type { LoopTurns } from './loop-turns.ts';
import { type Operation, readOperation } from './operation.ts';
import { Refusal } from './refusal.ts';
import { type AddressOf, requestContext } from './request-context.ts';
import type { Services } from './services.ts';
import { withoutSuggestions } from './signed-in-introspection.ts';

/** How long an operation may take, in milliseconds: the slowest, a trace through the whole log, takes a few seconds. */
export const OPERATION_MS_MAX = 30_000;

/** An HTTP answer with a JSON text. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Answers operations over HTTP. */
export interface GraphqlServer {
  /** The answer to a request with this body, as `boundedBody` read it. Never rejects. */
  answer(request: IncomingMessage, body: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export interface GraphqlOptions {
  /** Each root field behind its access rule. */
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly addressOf: AddressOf;
  /** In which operations are worked on. */
  readonly turns: LoopTurns;
}

/** An Apollo Server that listens nowhere itself, keeps nothing between requests, and tells nobody of them. */
export async function startGraphqlServer(options: GraphqlOptions): Promise<GraphqlServer> {
  const { schema, services, addressOf, turns } = options;
  const { clock, onBug } = services;
  const apollo = new ApolloServer<Context>({
    schema,
    // Said here, so that it does not hang on what the environment says.
    nodeEnv: 'production',
    includeStacktraceInErrorResponses: false,
    introspection: true,
    persistedQueries: false,
    documentStore: null,
    stopOnTerminationSignals: false,
    logger: { debug() {}, info() {}, warn() {}, error: (message) => onBug(new Error(String(message))) },
    formatError: (_, error) => answeredError(error, onBug),
    plugins: [...nothingElse(), DISCRETION],
  });
  await apollo.start();
  return {
    async answer(request, body) {
      try {
        const operation = readOperation(request.headers, body);
        const context = await requestContext(request, services, addressOf);
        await turns.next();
        const { query, kind } = readDocument(operation, schema, context.caller);
        if (kind === 'subscription')
          throw new Refusal('BAD_INPUT', 'Subscriptions are answered at /graphql/stream.');
        return await withinTime(clock, execute(apollo, { ...operation, query }, context));
      } catch (error) {
        const refusal = refusalOf(error, onBug);
        const body = JSON.stringify({ errors: [writtenError(refusal, error)] });
        return { status: statusOf(refusal), body };
      }
    },
    close: () => apollo.stop(),
  };
}

async function execute(
  apollo: ApolloServer<Context>,
  { query, operationName, variables }: Operation,
  context: Context,
): Promise<Answer> {
  const { status, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: 'POST',
      // What Apollo knows it cannot act on: an `Accept` of something else would be refused after the work is done.
      headers: new HeaderMap([['content-type', 'application/json']]),
      body: { query, operationName: operationName ?? null, variables: variables ?? null },
      search: '',
    },
    context: async () => context,
  });
  if (body.kind !== 'complete') throw new Error('an operation was answered in parts');
  return { status: status ?? 200, body: body.string };
}

/** The work goes on when its time is over: it may be in the middle of a change. */
function withinTime(clock: Clock, work: Promise<Answer>): Promise<Answer> {
  const late = new Refusal(
    'UNAVAILABLE',
    `This takes longer than ${OPERATION_MS_MAX / 1_000} seconds. A change may still be made: look before you repeat it.`,
  );
  return new Promise((resolve, reject) => {
    const callOff = clock.after(OPERATION_MS_MAX, () => reject(late));
    work.then(resolve, reject).finally(callOff);
  });
}

/** What Apollo brings along, all of it off. Reports to its maker would otherwise begin with a variable `APOLLO_KEY`. */
function nothingElse(): ApolloServerPlugin<Context>[] {
  return [
    ApolloServerPluginUsageReportingDisabled(),
    ApolloServerPluginSchemaReportingDisabled(),
    ApolloServerPluginInlineTraceDisabled(),
    ApolloServerPluginCacheControlDisabled(),
    ApolloServerPluginLandingPageDisabled(),
  ];
}

/** Keeps the names in the schema from strangers, in the messages of graphql too. */
const DISCRETION: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue }) {
        if (contextValue.caller.kind !== 'anonymous') return;
        for (const error of errors) error.message = withoutSuggestions(error.message);
      },
    };
  },
};
