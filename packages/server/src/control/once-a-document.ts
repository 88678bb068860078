import { type ASTVisitor, type FieldNode, GraphQLError, type ValidationContext } from 'graphql';
import { Refusal } from './refusal.ts';

/**
 * The mutations that a stranger could guess or flood with, so that each costs a request of its own, and the argument
 * without which one does no harm.
 */
export const ONCE_A_DOCUMENT: ReadonlyMap<string, string | undefined> = new Map([
  ['createToken', undefined],
  ['createNewUser', undefined],
  ['confirmEmail', undefined],
  ['requestPasswordReset', undefined],
  ['resetPassword', undefined],
  ['setUp', undefined],
  ['updateUser', undefined],
  ['updateOrganization', 'addUser'],
]);

/**
 * Refuses a document in which one of these mutations is written twice: under aliases, in fragments, or in operations
 * that are not asked for. However often a fragment is spread, its fields are merged, and done once.
 */
export function onceADocument(context: ValidationContext): ASTVisitor {
  const seen = new Set<string>();
  return {
    Field(node) {
      const name = node.name.value;
      if (!counts(node) || context.getParentType() !== context.getSchema().getMutationType()) return;
      if (seen.has(name)) {
        const refusal = new Refusal(
          'BAD_INPUT',
          `A query may have ${name} once: send the other in another request.`,
        );
        context.reportError(new GraphQLError(refusal.message, { nodes: node, originalError: refusal }));
      }
      seen.add(name);
    },
  };
}

function counts({ name, arguments: args = [] }: FieldNode): boolean {
  if (!ONCE_A_DOCUMENT.has(name.value)) return false;
  const harmful = ONCE_A_DOCUMENT.get(name.value);
  return harmful === undefined || args.some((argument) => argument.name.value === harmful);
}
