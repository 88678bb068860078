import { type Expression, OPERATORS, type Operator, type Scalar } from './filter-expression.ts';
import { FUNCTIONS, type FunctionName, isFunctionName, type Kind } from './filter-functions.ts';
import { parseGlob } from './filter-glob.ts';
import { checkKind, fits, kindOf, type Located, NAMES_OF_KINDS } from './filter-kind.ts';
import { ConditionFault, readTokens, type Token } from './filter-lexer.ts';

/** The longest condition, in UTF-16 units: room for a list of a hundred ids, and a bound on what reading it costs. */
export const CONDITION_CHARS_MAX = 4_000;

/** How deep parentheses, negations and functions may stand in each other. People get lost long before. */
export const CONDITION_DEPTH_MAX = 16;

/** The most values, comparisons, functions and joints of a condition. Each may cost a look at a whole field. */
export const CONDITION_PARTS_MAX = 500;

/** Reads the text of a condition. Throws a ConditionFault, and nothing else, at the first thing that is wrong. */
export function parseCondition(text: string): Expression {
  if (text.length > CONDITION_CHARS_MAX) {
    throw new ConditionFault(
      CONDITION_CHARS_MAX + 1,
      `a condition has at most ${CONDITION_CHARS_MAX} characters`,
    );
  }
  return new Parser(readTokens(text)).read();
}

/** One method for each rule of the grammar in docs/filters.md; each takes the tokens of what it returns. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #parts = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): Expression {
    const condition = this.#joined();
    if (this.#next.kind !== 'end') this.#expected("'and', 'or' or the end");
    return condition;
  }

  /** Conditions with `and` between them, or with `or`. */
  #joined(): Expression {
    const operands = [this.#single()];
    const joint = this.#sees('and') ? 'and' : 'or';
    while (this.#takes(joint)) operands.push(this.#single());
    if (this.#sees('and')) this.#fail("'and' follows 'or'; put parentheses around what belongs together");
    if (this.#sees('or')) this.#fail("'or' follows 'and'; put parentheses around what belongs together");
    const [only] = operands;
    return only !== undefined && operands.length === 1 ? only : this.#part({ kind: joint, operands });
  }

  #single(): Expression {
    if (this.#sees('!') || this.#sees('(')) return this.#grouped();
    const left = this.#value();
    const operator = this.#takesOperator();
    if (operator === undefined) return this.#condition(left);
    const right = this.#value();
    checkOperands(operator, left, right);
    return this.#part({ kind: 'compare', operator, left: left.expression, right: right.expression });
  }

  /** What `!` may stand before, and itself. */
  #grouped(): Expression {
    if (this.#takes('!')) {
      const operand = this.#deeper(() => this.#grouped());
      if (this.#operator !== undefined) this.#fail("put the comparison behind '!' into parentheses");
      return this.#part({ kind: 'not', operand });
    }
    if (!this.#takes('(')) return this.#condition(this.#value());
    const inner = this.#deeper(() => this.#joined());
    if (!this.#takes(')')) this.#expected("'and', 'or' or ')'");
    return inner;
  }

  /** A value that is a condition by itself. */
  #condition({ expression, column }: Located): Expression {
    const kind = kindOf(expression);
    if (fits(kind, ['bool'])) return expression;
    throw new ConditionFault(
      column,
      `${NAMES_OF_KINDS[kind]} alone is no condition; compare it with something`,
    );
  }

  #value(): Located {
    const token = this.#next;
    const { column } = token;
    if (token.kind === 'name') {
      this.#at++;
      if (this.#takes('(')) return { column, expression: this.#call(token.names.join('.'), column) };
      return { column, expression: this.#part({ kind: 'field', names: token.names }) };
    }
    const value = this.#takes('[') ? this.#items() : this.#takesScalar();
    if (value === undefined) return this.#expected('a field, a value or a function');
    return { column, expression: this.#part({ kind: 'literal', value }) };
  }

  /** A list's items, behind its `[`. */
  #items(): readonly Scalar[] {
    const items: Scalar[] = [];
    while (!this.#takes(']')) {
      if (items.length > 0 && !this.#takes(',')) this.#expected("',' or ']'");
      const item = this.#takesScalar();
      if (item === undefined) return this.#expected('text, a number, true, false or null');
      items.push(item);
    }
    return items;
  }

  #takesScalar(): Scalar | undefined {
    const token = this.#next;
    if (token.kind === 'text' || token.kind === 'number') {
      this.#at++;
      return token.value;
    }
    return CONSTANTS.find(([sign]) => this.#takes(sign))?.[1];
  }

  /** A function, behind its `(`. */
  #call(name: string, column: number): Expression {
    if (name === 'match') return this.#deeper(() => this.#match());
    if (isFunctionName(name)) return this.#deeper(() => this.#builtIn(name));
    const known = ['match', ...Object.keys(FUNCTIONS)].join(', ');
    throw new ConditionFault(column, `there is no such function; known are ${known}`);
  }

  #builtIn(name: FunctionName): Expression {
    const { takes } = FUNCTIONS[name];
    const values = takes.map((kinds, place) => this.#argument(kinds, place, takes.length));
    return this.#part({ kind: 'call', name, arguments: values });
  }

  #match(): Expression {
    const text = this.#argument(['text'], 0, 2);
    const { column } = this.#next;
    const pattern = this.#argument(['text'], 1, 2);
    if (pattern.kind !== 'literal' || typeof pattern.value !== 'string')
      throw new ConditionFault(column, 'expected a pattern in quotes');
    const reading = parseGlob(pattern.value);
    if ('fault' in reading) throw new ConditionFault(column, reading.fault);
    return this.#part({ kind: 'match', text, glob: reading.glob });
  }

  /** An argument, with the comma or parenthesis behind it. */
  #argument(kinds: readonly Kind[], place: number, count: number): Expression {
    const value = this.#value();
    checkKind(value, kinds);
    const isLast = place === count - 1;
    if (!this.#takes(isLast ? ')' : ',')) this.#expected(isLast ? "')'" : "','");
    return value.expression;
  }

  get #next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new ConditionFault(1, 'has no end');
    return token;
  }

  get #operator(): Operator | undefined {
    return OPERATORS.find((operator) => this.#sees(operator));
  }

  #sees(sign: string): boolean {
    const token = this.#next;
    return token.kind === 'sign' && token.sign === sign;
  }

  #takes(sign: string): boolean {
    const isNext = this.#sees(sign);
    if (isNext) this.#at++;
    return isNext;
  }

  #takesOperator(): Operator | undefined {
    const operator = this.#operator;
    if (operator !== undefined) this.#at++;
    return operator;
  }

  #deeper<T>(read: () => T): T {
    this.#depth++;
    if (this.#depth > CONDITION_DEPTH_MAX)
      this.#fail(`a condition nests at most ${CONDITION_DEPTH_MAX} levels deep`);
    const result = read();
    this.#depth--;
    return result;
  }

  #part(expression: Expression): Expression {
    this.#parts++;
    if (this.#parts > CONDITION_PARTS_MAX) this.#fail(`a condition has at most ${CONDITION_PARTS_MAX} parts`);
    return expression;
  }

  #expected(what: string): never {
    return this.#fail(`expected ${what}, found ${nameOf(this.#next)}`);
  }

  #fail(reason: string): never {
    throw new ConditionFault(this.#next.column, reason);
  }
}

const CONSTANTS = [
  ['null', null],
  ['true', true],
  ['false', false],
] as const;

/** Texts and numbers are not repeated: they may come from the environment. */
function nameOf(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end';
    case 'sign':
      return `'${token.sign}'`;
    case 'name':
      return 'a name';
    case 'number':
    case 'text':
      return NAMES_OF_KINDS[token.kind];
  }
}

function checkOperands(operator: Operator, left: Located, right: Located): void {
  if (operator === '=' || operator === '!=') return;
  checkKind(left, operator === 'in' ? ['text', 'number', 'bool'] : ['number']);
  checkKind(right, operator === 'in' ? ['list'] : ['number']);
}
