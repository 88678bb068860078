import { localUrl } from './local-url.ts';
import type { Config } from './settings.ts';

/** What the text needs to know of a source. */
interface SourceLine {
  /** Its write key. */
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}

/** What the text needs to know of the server that has started. */
interface Started {
  /** The one that is really listened on. */
  readonly port: number;
  readonly workspace: {
    readonly sources: ReadonlyMap<string, SourceLine>;
    readonly pipelines: readonly unknown[];
  };
  /** Given while nobody has an account. */
  readonly setUpLink: string | undefined;
}

/** More would push everything else off a screen. */
const SOURCES_MAX = 20;

/**
 * What is printed once the server takes events: where it listens and what a newcomer does next. The first line is exactly
 * `Ready on http://HOST:PORT`.
 */
export function startUpText(
  config: Pick<Config, 'host' | 'publicUrl' | 'workspace'>,
  { port, workspace, setUpLink }: Started,
): string {
  const local = localUrl(config.host, port);
  const sources = [...workspace.sources.values()];
  const lines = [
    `Ready on ${local}`,
    '',
    ...(setUpLink === undefined ? [] : firstAccount(setUpLink)),
    ...(sources.length === 0 ? withoutSource(config.workspace) : sourceList(sources)),
    ...firstEvent(config.publicUrl ?? local, sources),
    ...(sources.length > 0 && workspace.pipelines.length === 0 ? WITHOUT_PIPELINES : []),
    `Health   ${local}/health/ready`,
    `Metrics  ${local}/metrics`,
    ...(config.workspace === undefined ? [] : [`File     ${config.workspace}`]),
    '',
  ];
  return lines.join('\n');
}

const WITHOUT_PIPELINES = ['No pipeline yet: events are kept, and go nowhere. Add one to a source.', ''];

function firstAccount(link: string): string[] {
  return [
    'Nobody has an account yet. This link makes the first one, which owns everything; it works once:',
    '',
    `  ${link}`,
    '',
  ];
}

function withoutSource(file: string | undefined): string[] {
  if (file !== undefined) return [`${file} names no source yet: add one, then start again.`, ''];
  return [
    'No source can send events yet. Make one with an account, or take the example of a workspace file and make it yours:',
    '',
    '  cp examples/workspace.yaml workspace.yaml',
    '  npm start -- --workspace workspace.yaml',
    '',
  ];
}

function sourceList(sources: readonly SourceLine[]): string[] {
  const shown = sources.slice(0, SOURCES_MAX);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const more = sources.length - shown.length;
  return [
    'Sources and their write keys:',
    ...shown.map(({ name, id, enabled }) => `  ${name.padEnd(width)}  ${id}${enabled ? '' : '  (disabled)'}`),
    ...(more === 0 ? [] : [`  … and ${more} more`]),
    '',
  ];
}

/** A line to paste into a shell, for the first source that takes events. */
function firstEvent(url: string, sources: readonly SourceLine[]): string[] {
  const source = sources.find(({ enabled }) => enabled);
  if (source === undefined) return [];
  const event = JSON.stringify({ userId: 'arthur', event: 'First Event', properties: { plan: 'towel' } });
  return ['Send an event:', '', `  curl -u ${source.id}: ${url}/v1/track -d '${event}'`, ''];
}
