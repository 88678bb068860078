import type { Citation, RecordedSdk } from './recorded-sdk.ts';
import { ANSWERS, type Answer, CALLS, type Reaction, type Reactions, type Sdk } from './sdk.ts';

/** What the door really answers to an SDK where the protocol says 207, 413 or 429. */
export type Served = Readonly<Partial<Record<Answer, Answer>>>;

/** What the suite found out about one SDK. */
export interface Row {
  readonly sdk: Sdk;
  readonly reactions: Reactions;
  readonly served: Served;
}

const WORDS: Readonly<Record<Reaction, string>> = {
  done: 'done',
  drops: 'drops',
  again: 'again',
  'for ever': '**for ever**',
};

/** The text of docs/sdks.md. */
export function conformancePage(rows: readonly Row[]): string {
  const sdks = rows.map(({ sdk }) => sdk);
  return `${[
    '# SDKs',
    '',
    'Existing code only changes a host name. Each page has the lines to paste:',
    '',
    ...pages(sdks),
    '',
    '## What arrives',
    '',
    'Each SDK sends each of its calls to the real program, and what reaches a destination is compared with what was',
    'meant. **Real client**: the published package runs, in a real browser where it needs one. **Recorded request**: the',
    'bytes that its source makes are sent over a socket; [the sources](#sources-of-the-recorded-requests) are cited below.',
    '',
    ...table(
      ['SDK', 'version', ...CALLS, 'proven by'],
      sdks.map((sdk) => [
        linked(sdk),
        sdk.version,
        ...CALLS.map((call) => (sdk.calls[call] === undefined ? '' : '✓')),
        sdk.proof,
      ]),
    ),
    '',
    '## What it does after an answer',
    '',
    '*done*: it takes the events as delivered. *drops*: it gives them up. *again*: it sends them again, with the same',
    '`messageId`, as long as its row says. *for ever*: it sends them again without end. *Observed*: the running client was',
    'given each answer. *Read*: this is what its source says, [cited below](#sources-of-the-recorded-requests).',
    '',
    'Where an arrow follows, the door gives that SDK the other status instead, as its recorded request was answered. It knows',
    'an SDK by its `User-Agent`, and so treats all that have the same alike: early releases of analytics-ios and',
    'analytics-android drop events at 429, and analytics-swift calls itself `analytics-ios` too. So nothing that was stored',
    'is sent again for ever, nor is what never will be; and with 429, 503 and a connection that is cut, nothing is lost that',
    'an SDK can keep.',
    '',
    ...table(
      ['SDK', ...ANSWERS.map(String), 'how long it goes on', 'known how'],
      rows.map(({ sdk, reactions, served }) => [
        linked(sdk),
        ...ANSWERS.map((answer) => cell(answer, reactions, served)),
        sdk.patience,
        isRecorded(sdk) ? 'read' : 'observed',
      ]),
    ),
    '',
    'What no answer can prevent:',
    '',
    ...sdks.flatMap((sdk) => losses(sdk)),
    '- Whatever the SDK, events are lost when it stops trying before the server is back: raise the number of tries where its',
    '  row names an option.',
    '',
    '## Sources of the recorded requests',
    '',
    'Those of Python, Java and Kotlin were also compared with what the published releases sent, and how these went on after',
    'each answer.',
    '',
    ...sdks
      .filter(isRecorded)
      .flatMap((sdk) => [`- ${sdk.name}, ${wayOf(sdk)}:`, ...sdk.sources.map(citation)]),
  ].join('\n')}\n`;
}

function pages(sdks: readonly Sdk[]): string[] {
  const names = new Map<string, string[]>();
  for (const { page, name } of sdks) names.set(page, [...(names.get(page) ?? []), `\`${name}\``]);
  return [...names].map(([page, sdksOf]) => `- [${page}](sdks/${page}.md): ${sdksOf.join(', ')}`);
}

function linked({ name, page }: Sdk): string {
  return `[${name}](sdks/${page}.md)`;
}

function cell(answer: Answer, reactions: Reactions, served: Served): string {
  const instead = served[answer] ?? answer;
  const word = WORDS[reactions[answer]];
  return instead === answer ? word : `${word} → ${instead}`;
}

function losses({ name, losses: lost = {} }: Sdk): string[] {
  return ANSWERS.flatMap((answer) => {
    const why = lost[answer];
    return why === undefined ? [] : [`- ${name}, ${answer === 'cut' ? 'a cut connection' : answer}: ${why}.`];
  });
}

function isRecorded(sdk: Sdk): sdk is RecordedSdk {
  return sdk.proof === 'recorded request';
}

/** Where and how it posts its events. */
function wayOf({ record }: RecordedSdk): string {
  const { path, gzip = false, chunked = false } = record('');
  return [`\`${path}\``, ...(gzip ? ['gzip'] : []), ...(chunked ? ['in chunks'] : [])].join(', ');
}

function citation({ from, file, lines, at, shows }: Citation): string {
  return `  - ${shows}: ${from}, ${at}, \`${file}\`, lines ${lines.join('–')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}
