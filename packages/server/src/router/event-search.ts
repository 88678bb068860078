import { type Content, parcelOf } from './parcel.ts';

/** A search for anything longer finds nothing that a shorter one does not. */
const SEARCH_CHARACTERS_MAX = 200;

/** What the stored bytes show as it is: neither escaped nor, in another way than its letters, encoded. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Whether an event says something: in its JSON, with its message id, names, ids and everything else, whatever the case
 * of its letters. An empty search finds all.
 */
export function matcherOf(search: string): (record: Content) => boolean {
  const wanted = search.slice(0, SEARCH_CHARACTERS_MAX).toLowerCase();
  if (wanted === '') return () => true;
  const isPlain = PLAIN.test(wanted) && !/["\\]/.test(wanted);
  return (record) => {
    // Most events are told to be others by the bytes alone, at a tenth of what parsing takes.
    if (isPlain && !textOf(record.bytes).includes(wanted)) return false;
    const { bytes } = parcelOf(record);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      .toString()
      .toLowerCase()
      .includes(wanted);
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').toLowerCase();
}
