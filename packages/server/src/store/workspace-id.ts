import { createHash } from 'node:crypto';

/** Length of the Source IDs that we make. */
const SOURCE_ID_CHARACTERS = 21;

/** Part of a pipeline's id that is readable; longer names are cut. */
const READABLE_CHARACTERS_MAX = 40;

/** Hexadecimal digits at the end of a pipeline's id: 48 bits, which keep apart names that read the same. */
const DISTINGUISHING_DIGITS = 12;

/**
 * The Source ID of a source whose file gives no write key: 21 characters, always the same for the same two names.
 * Not a secret: whoever knows the names can work it out.
 */
export function sourceId(organization: string, source: string): string {
  return digestOf([organization, source]).toString('base64url').slice(0, SOURCE_ID_CHARACTERS);
}

/** A pipeline's id: readable, fit for a file name, always the same for the same three names. */
export function pipelineId(organization: string, source: string, pipeline: string): string {
  const readable = pipeline
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, READABLE_CHARACTERS_MAX)
    .replaceAll(/^-+|-+$/g, '');
  const digits = digestOf([organization, source, pipeline]).toString('hex').slice(0, DISTINGUISHING_DIGITS);
  return `${readable || 'pipeline'}-${digits}`;
}

/** The id of an organization that a workspace file names: nobody can make one with this id, whatever they call theirs. */
export function organizationId(organization: string): string {
  return digestOf([organization]).toString('base64url').slice(0, SOURCE_ID_CHARACTERS);
}

/** The id of a connection that a workspace file names. */
export function connectionId(organization: string, connection: string): string {
  return digestOf([organization, 'connection', connection])
    .toString('base64url')
    .slice(0, SOURCE_ID_CHARACTERS);
}

/** JSON keeps the names apart: no two lists of names have the same text. */
function digestOf(names: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(names)).digest();
}
