import { Lexer, Source, syntaxError, type Token, TokenKind } from 'graphql';
import { NESTING_MAX } from './operation.ts';
import { Refusal } from './refusal.ts';

/** Names, signs and values in a document. GraphiQL's introspection has 300; large values belong into variables. */
export const TOKENS_MAX = 4_000;

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** What is the name of a field in GraphQL. */
const NAME = /^[_A-Za-z]\w*$/;

/**
 * A query that may be parsed: its tokens are within the limits, as the parser calls itself for each bracket and would
 * overflow. The keys of objects may stand in quotes, as whoever pastes JSON has them: nothing else could be meant. They
 * are taken without, and everything stays in its line and column.
 *
 * @throws GraphQLError or Refusal, saying which limit is passed or what is not GraphQL.
 */
export function readableQuery(query: string): string {
  const source = new Source(query);
  const lexer = new Lexer(source);
  const open: TokenKind[] = [];
  let readable = '';
  let copiedTo = 0;
  for (let count = 0; lexer.advance().kind !== TokenKind.EOF; count += 1) {
    const { token } = lexer;
    if (count === TOKENS_MAX)
      throw new Refusal(
        'BAD_INPUT',
        `A query may have ${TOKENS_MAX} tokens: give large values as variables, or send it in parts.`,
      );
    if (OPENING.has(token.kind)) open.push(token.kind);
    else if (CLOSING.has(token.kind)) open.pop();
    if (open.length > NESTING_MAX)
      throw new Refusal('BAD_INPUT', `The brackets of a query may be nested ${NESTING_MAX} deep.`);
    if (token.kind !== TokenKind.STRING || lexer.lookahead().kind !== TokenKind.COLON) continue;
    if (!isInObject(open) || !NAME.test(token.value))
      throw syntaxError(source, token.start, faultOf(open, token));
    readable += query.slice(copiedTo, token.start) + ` ${token.value}`.padEnd(token.end - token.start);
    copiedTo = token.end;
  }
  return readable + query.slice(copiedTo);
}

/** Braces around fields are not in parentheses, and those around a value are. */
function isInObject(open: readonly TokenKind[]): boolean {
  return open.at(-1) === TokenKind.BRACE_L && open.includes(TokenKind.PAREN_L);
}

function faultOf(open: readonly TokenKind[], { value }: Token): string {
  const found = `Expected Name, found String ${JSON.stringify(value)}.`;
  return isInObject(open)
    ? `${found} A key with other characters than letters, digits and _ cannot be in a document: give the object as a variable, which is JSON.`
    : `${found} Names are written without quotes.`;
}
