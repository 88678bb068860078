import type { Destination } from '@metarouter/destinations';

/** Begins every secret of these tests. Letters and digits alone, so that it fits wherever a secret does. */
const CANARY = 'Canary7Coal7Mine7';

/** A secret of 24 characters that no other one is like: `number` tells them apart. */
export function canary(number: number): string {
  return `${CANARY}${String(number).padStart(7, '0')}`;
}

/** How a canary may look on paper: as it is, in lower case, and as bytes that were written as hexadecimal or Base64. */
const FORMS: readonly string[] = [
  CANARY,
  CANARY.toLowerCase(),
  Buffer.from(CANARY).toString('hex'),
  // It begins anywhere in a group of three bytes; what shares a character with its neighbours is cut off.
  ...[0, 1, 2].map((at) =>
    Buffer.from(`${'.'.repeat(at)}${CANARY}`)
      .subarray(0, Math.floor((at + CANARY.length) / 3) * 3)
      .toString('base64')
      .slice(at === 0 ? 0 : 4),
  ),
];

/** Every place with a canary in it, by the surroundings. Empty when there is none. */
export function canariesIn(content: string | Buffer): readonly string[] {
  const text = typeof content === 'string' ? content : content.toString('latin1');
  return FORMS.map((form) => text.indexOf(form))
    .filter((at) => at >= 0)
    .map((at) => text.slice(Math.max(0, at - 60), at + 60));
}

/**
 * Details for a connection that have a canary wherever there is a secret field, and elsewhere what can be used; `url` where an
 * address is wanted. Throws when the destination does not take them: then it needs an example here.
 */
export function detailsWithCanaries(
  destination: Destination,
  number: number,
  url = 'https://receiver.example',
): Readonly<Record<string, unknown>> {
  const details: [name: string, value: unknown][] = [];
  for (const [name, field] of Object.entries(destination.connection)) {
    if (field.secret) details.push([name, secretFor(field.kind, canary(number))]);
    else if (field.kind === 'url') details.push([name, url]);
    else if (field.kind === 'list') details.push([name, [url]]);
    else if (field.required) details.push([name, 'plain']);
  }
  const made = Object.fromEntries(details);
  const [fault] = destination.check(made, undefined);
  if (fault !== undefined) throw new Error(`${destination.code}: ${fault.path} ${fault.message}`);
  return made;
}

function secretFor(kind: string, secret: string): unknown {
  if (kind === 'pairs') return { authorization: `Bearer ${secret}` };
  return kind === 'list' ? [secret] : secret;
}
