/**
 * A text as one segment of a URL's path. Undefined where no URL can carry it: an empty segment is lost on the way,
 * and whoever reads the URL resolves `.` and `..`, percent-encoded or not, as steps between folders.
 */
export function pathSegment(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..') return undefined;
  return encodeURIComponent(text.toWellFormed());
}
