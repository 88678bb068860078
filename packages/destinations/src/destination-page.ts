import type { CatalogueEntry } from './catalogue/index.ts';
import type { Destination } from './kit/destination.ts';
import type { Example } from './kit/example.ts';
import type { Fields } from './kit/field.ts';
import { fieldHelp } from './kit/field-help.ts';
import type { DeclaredOutcome } from './kit/outcome.ts';
import type { Mode } from './kit/reach.ts';
import type { OutgoingRequest } from './kit/request.ts';

/** In place of secrets, in pages that anybody may read. */
const HIDDEN = '•••';

/** What the four outcomes mean for an event. */
const FATES: Readonly<Record<DeclaredOutcome['kind'], string>> = {
  delivered: 'delivered',
  retry: 'sent again later, for up to 24 hours',
  rejected: 'dead letter',
  misconfigured: 'the pipeline is paused, and events are kept',
};

/** Who sends in each mode. */
const MODE_TEXTS: Readonly<Record<Mode, string>> = {
  cloud: 'It works in cloud mode: the server sends the events.',
  device: 'It works in device mode: the browser sends the events itself.',
};

/** The page about one destination, in Markdown: everything that its declaration says. */
export function destinationPage({ destination, examples }: CatalogueEntry): string {
  const { code, name, purpose, docs, connection, config, tested, troubleshooting } = destination;
  return [
    `<!-- Generated from packages/destinations/src/catalogue/${code} by scripts/generate.ts. Change it there. -->`,
    '',
    `# ${name}`,
    '',
    purpose,
    '',
    `Its code in the workspace file is \`${code}\`. It is described at <${docs}>.`,
    '',
    reachText(destination),
    '',
    ...section('Connection', [...fieldTable(connection), '', ...workspaceLines(destination, examples)]),
    ...section('Test of a connection', [tested]),
    ...section('Config of a pipeline', fieldTable(config)),
    ...section('Limits', limitLines(destination)),
    ...section('What its answers mean', outcomeTable(destination)),
    ...section(
      'Troubleshooting',
      troubleshooting.flatMap(({ symptom, remedy }) => [`**${symptom}.** ${remedy}`, '']).slice(0, -1),
    ),
    ...section('Examples', examples.flatMap((example) => exampleLines(example, destination)).slice(0, -1)),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/** The page that lists all destinations. */
export function destinationIndexPage(entries: readonly CatalogueEntry[]): string {
  return [
    '<!-- Generated from packages/destinations/src/catalogue by scripts/generate.ts. Change it there. -->',
    '',
    '# Destinations',
    '',
    '| Destination | Code | Mode | What for |',
    '|---|---|---|---|',
    ...entries.map(
      ({ destination: { code, name, modes, purpose } }) =>
        `| [${name}](${code}.md) | \`${code}\` | ${modes.join(', ')} | ${purpose} |`,
    ),
    '',
    'In cloud mode the server sends the events that it has accepted. In device mode the browser sends them itself, by a tag ' +
      'of the destination.',
    '',
  ].join('\n');
}

/** Who sends to it, and for which sources. */
function reachText({ modes, platforms }: Destination): string {
  const ways = modes.map((mode) => MODE_TEXTS[mode]);
  const names = platforms.map((platform) => `\`${platform}\``).join(', ');
  return [
    ...ways,
    `It is for sources of ${platforms.length > 1 ? 'the platforms' : 'the platform'} ${names}.`,
  ].join(' ');
}

function limitLines({ modes, limits }: Destination): readonly string[] {
  const { concurrency, requestsPerSecond, data } = limits;
  const sentences = data.map((sentence) => `- ${sentence}`);
  // How hard the server drives it means nothing where the server does not.
  if (!modes.includes('cloud')) return sentences;
  return [
    `- At most ${concurrency} deliveries of a pipeline are under way at the same time.`,
    ...(requestsPerSecond === undefined
      ? []
      : [
          `- At most ${requestsPerSecond} requests go out in any second, all pipelines with the same connection together.`,
        ]),
    ...sentences,
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}

function fieldTable(fields: Fields): readonly string[] {
  const rows = Object.entries(fields).map(([key, field]) => {
    const { label, required, secret, options = {}, fallback } = field;
    const choices = Object.entries(options).map(([value, meaning]) => `\`${value}\` (${meaning})`);
    const what = [
      fieldHelp(field),
      ...(choices.length > 0 ? [`One of ${choices.join(', ')}; \`${fallback}\` unless given.`] : []),
      ...(secret ? ['Never shown again once it is stored.'] : []),
    ];
    return `| \`${key}\` | ${label} | ${required ? 'yes' : 'no'} | ${what.join(' ')} |`;
  });
  return rows.length === 0 ? [] : ['| Key | Name | Required | What it is |', '|---|---|---|---|', ...rows];
}

/** A connection as it stands in a workspace file, with secrets from the environment. */
function workspaceLines({ code, name, connection }: Destination, [example]: readonly Example[]) {
  const details = Object.entries(connection)
    .filter(([, { required }]) => required)
    .map(([key, { secret }]) => {
      const variable = `${code}_${key.replace(/[A-Z]/g, '_$&')}`.replaceAll('-', '_').toUpperCase();
      return `      ${key}: ${secret ? `\${${variable}}` : JSON.stringify(example?.connection[key])}`;
    });
  const lines = ['connections:', `  - name: Our ${name}`, `    destination: ${code}`, '    details:'];
  return ['In a workspace file:', '', ...fenced('yaml', [...lines, ...details].join('\n'))].slice(0, -1);
}

/** Statuses that mean the same share a row. */
function outcomeTable({ outcomes }: Destination): readonly string[] {
  const rows = new Map<string, string[]>();
  for (const [status, { kind, reason }] of Object.entries(outcomes)) {
    const meaning = `${reason} | ${FATES[kind]}`;
    rows.set(meaning, [...(rows.get(meaning) ?? []), status]);
  }
  if (rows.size === 0) return [];
  return [
    '| Status | What it says | What becomes of the event |',
    '|---|---|---|',
    ...[...rows].map(([meaning, statuses]) => `| ${statuses.join(', ')} | ${meaning} |`),
  ];
}

function exampleLines(example: Example, destination: Destination) {
  const { title, event, together = [], connection, config, sends, notes } = example;
  const secrets = destination.secrets(connection, config);
  const hide = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
  const outcome =
    'skip' in sends
      ? [`Nothing is sent: ${sends.skip}.`, '']
      : 'refuse' in sends
        ? [`A dead letter: ${sends.refuse}.`, '']
        : sends.flatMap((request) => fenced('http', hide(requestText(request, event))));
  return [
    `### ${title}`,
    '',
    ...[event, ...together].flatMap((each) => fenced('json', JSON.stringify(each, undefined, 2))),
    ...outcome,
    ...(notes ?? []).flatMap((note) => [`The trace says: ${note}.`, '']),
  ];
}

function requestText({ method, url, headers, body }: OutgoingRequest, event: Example['event']): string {
  const head = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  if (body === undefined) return head.join('\n');
  return [...head, '', body === event ? '(the event as it is)' : JSON.stringify(body, undefined, 2)].join(
    '\n',
  );
}

function fenced(language: string, text: string): readonly string[] {
  return [`\`\`\`${language}`, text, '```', ''];
}
