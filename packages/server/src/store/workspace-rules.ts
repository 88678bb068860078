import { compileFilter } from '@metarouter/events';
import { didYouMean } from '../platform/did-you-mean.ts';
import type { Fault, Path } from './workspace-document.ts';
import { sourceId } from './workspace-id.ts';
import type { OrganizationShape, SourceShape, WorkspaceShape } from './workspace-shape.ts';

/** What a workspace file needs to know of a destination. */
export interface DestinationCheck {
  readonly code: string;
  /** Everything wrong with the two; each path begins with `connection` or `config`. */
  check(connection: unknown, config: unknown): readonly { readonly path: string; readonly message: string }[];
}

/** What no shape can say: unique names, references that lead somewhere, fields that fit the destination. */
export function findFaults(workspace: WorkspaceShape, destinations: readonly DestinationCheck[]): Fault[] {
  const { organizations } = workspace;
  const byCode = new Map(destinations.map((destination) => [destination.code, destination]));
  return [
    ...repeated(organizations.map(({ name }, place) => [name, ['organizations', place, 'name']])),
    ...repeatedWriteKeys(organizations),
    ...organizations.flatMap((organization, place) =>
      organizationFaults(organization, ['organizations', place], byCode),
    ),
  ];
}

function organizationFaults(
  organization: OrganizationShape,
  path: Path,
  byCode: ReadonlyMap<string, DestinationCheck>,
): Fault[] {
  const { connections, sources, users } = organization;
  return [
    ...repeated(users.map(({ email }, place) => [email.toLowerCase(), [...path, 'users', place, 'email']])),
    ...repeated(connections.map(({ name }, place) => [name, [...path, 'connections', place, 'name']])),
    ...repeated(sources.map(({ name }, place) => [name, [...path, 'sources', place, 'name']])),
    ...connections.flatMap(({ destination, details, delete: isToDelete }, place) => {
      const here = [...path, 'connections', place];
      // Of what is to go, only the name matters.
      if (isToDelete) return [];
      return (
        unknownDestination(destination, here, byCode) ??
        fieldFaults(byCode.get(destination)?.check(details, {}), 'connection', [...here, 'details'])
      );
    }),
    ...sources.flatMap((source, place) =>
      pipelineFaults(source, [...path, 'sources', place], organization, byCode),
    ),
  ];
}

function pipelineFaults(
  source: SourceShape,
  path: Path,
  { connections }: OrganizationShape,
  byCode: ReadonlyMap<string, DestinationCheck>,
): Fault[] {
  const { pipelines } = source;
  const faults = repeated(pipelines.map(({ name }, place) => [name, [...path, 'pipelines', place, 'name']]));
  for (const [place, pipeline] of pipelines.entries()) {
    if (source.delete || pipeline.delete) continue;
    const { destination, connection: wanted, config, filter } = pipeline;
    const here = [...path, 'pipelines', place];
    const unknown = unknownDestination(destination, here, byCode);
    const connection = connections.find(({ name }) => name === wanted);
    if (unknown) faults.push(...unknown);
    if (!connection) {
      const remedy = didYouMean(
        wanted,
        connections.map(({ name }) => name),
      );
      faults.push({ path: [...here, 'connection'], reason: `unknown connection '${wanted}'; ${remedy}` });
    } else if (connection.delete) {
      const reason = `connection '${wanted}' is to be deleted; give another one, or delete this pipeline too`;
      faults.push({ path: [...here, 'connection'], reason });
    } else if (!unknown && connection.destination !== destination) {
      const reason = `connection '${wanted}' is for '${connection.destination}', not '${destination}'; make them agree`;
      faults.push({ path: [...here, 'connection'], reason });
    } else {
      const found = byCode.get(destination)?.check(connection.details, config);
      faults.push(...fieldFaults(found, 'config', [...here, 'config']));
    }
    const reading = compileFilter(filter);
    if (!reading.ok) faults.push(...fieldFaults(reading.faults, 'filter', [...here, 'filter']));
  }
  return faults;
}

function unknownDestination(code: string, path: Path, byCode: ReadonlyMap<string, DestinationCheck>) {
  if (byCode.has(code)) return undefined;
  const remedy = didYouMean(code, [...byCode.keys()]);
  return [{ path: [...path, 'destination'], reason: `unknown destination '${code}'; ${remedy}` }];
}

/** What was found below one key, at its place in the file. */
function fieldFaults(found: ReturnType<DestinationCheck['check']> = [], key: string, path: Path): Fault[] {
  return found.flatMap(({ path: text, message }) => {
    const [first, ...rest] = [...text.matchAll(/[^.[\]]+/g)].map(([part]) =>
      /^\d+$/.test(part) ? Number(part) : part,
    );
    return first === key ? [{ path: [...path, ...rest], reason: message }] : [];
  });
}

/** Unique among all organizations, derived ones included: the door knows a caller by nothing else. */
function repeatedWriteKeys(organizations: readonly OrganizationShape[]): Fault[] {
  return repeated(
    organizations.flatMap(({ name, sources }, place) =>
      sources.map((source, index): Named => {
        const key = source.writeKey ?? sourceId(name, source.name);
        return [key, ['organizations', place, 'sources', index, 'writeKey']];
      }),
    ),
    'the same write key is given to another source above; each needs its own',
  );
}

type Named = readonly [name: string, path: Path];

function repeated(names: readonly Named[], reason?: string): Fault[] {
  const seen = new Set<string>();
  return names.flatMap(([name, path]) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path, reason: reason ?? `'${name}' is there twice; give one of them another name` }];
  });
}
