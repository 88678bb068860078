import { GraphQLError, type ValidationRule } from 'graphql';
import type { Caller } from './caller.ts';
import { Refusal } from './refusal.ts';

/** Keeps the schema from whoever is not signed in. */
export function signedInIntrospection({ why }: Extract<Caller, { kind: 'anonymous' }>): ValidationRule {
  return (context) => ({
    Field(node) {
      if (node.name.value !== '__schema' && node.name.value !== '__type') return;
      const refusal = new Refusal('UNAUTHENTICATED', `The schema is shown to whoever is signed in. ${why}`);
      context.reportError(new GraphQLError(refusal.message, { nodes: node, originalError: refusal }));
    },
  });
}

/** What graphql adds to a message when it knows a similar name. */
const SUGGESTION = / Did you mean [^?]*\?/g;

/** A message without the names in the schema that it suggests, from which a stranger could put the schema together. */
export function withoutSuggestions(message: string): string {
  return message.replace(SUGGESTION, '');
}
