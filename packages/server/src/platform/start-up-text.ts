import type { Config } from './settings.ts';

/** What the text needs to know of a source. */
interface SourceLine {
  /** Its write key. */
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}

/** What the text needs to know of the workspace. */
interface WorkspaceLines {
  readonly sources: ReadonlyMap<string, SourceLine>;
  readonly pipelines: readonly unknown[];
}

/**
 * What is printed once the server takes events: where it listens and what a newcomer does next.
 * `config.port` is the port that is really listened on. The first line is exactly `Ready on http://HOST:PORT`.
 */
export function startUpText(
  config: Pick<Config, 'host' | 'port' | 'publicUrl' | 'workspace'>,
  workspace: WorkspaceLines,
): string {
  const local = `http://${bracketed(config.host)}:${config.port}`;
  const sources = [...workspace.sources.values()];
  const lines = [
    `Ready on ${local}`,
    '',
    ...(config.workspace === undefined ? withoutFile() : sourceList(config.workspace, sources)),
    ...firstEvent(config.publicUrl ?? local, sources),
    ...(sources.length > 0 && workspace.pipelines.length === 0 ? WITHOUT_PIPELINES : []),
    `Health   ${local}/health/ready`,
    `Metrics  ${local}/metrics`,
    '',
  ];
  return lines.join('\n');
}

const WITHOUT_PIPELINES = [
  'No pipeline yet: events are kept, and go nowhere. Add one to a source in the workspace file.',
  '',
];

function withoutFile(): string[] {
  return [
    'No workspace file was given, so no source can send events yet. Take the example and make it yours:',
    '',
    '  cp examples/workspace.yaml workspace.yaml',
    '  npm start -- --workspace workspace.yaml',
    '',
  ];
}

function sourceList(file: string, sources: readonly SourceLine[]): string[] {
  if (sources.length === 0) return [`${file} names no source yet: add one, then start again.`, ''];
  const width = Math.max(...sources.map(({ name }) => name.length));
  return [
    'Sources and their write keys:',
    ...sources.map(
      ({ name, id, enabled }) => `  ${name.padEnd(width)}  ${id}${enabled ? '' : '  (disabled)'}`,
    ),
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

/** IPv6 addresses stand in brackets in a URL. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
