import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';

/** One file, kept zipped: nearly every client takes it so. */
interface SiteFile {
  readonly type: string;
  readonly zipped: Buffer;
  plain(): Buffer;
}

/** Pages, and the files that they name. */
export interface Site {
  /** By name: whole, with the addresses of the files in them. */
  readonly pages: ReadonlyMap<string, string>;
  /** By the last part of their address. */
  readonly files: ReadonlyMap<string, SiteFile>;
}

/** What a site is read from. */
export interface SiteParts {
  /** What is in front of the files' addresses: `pages` puts them at `/pages/…`. */
  readonly folder: string;
  /** HTML, by the name of the page. It names files in its attributes: `href="page.css"`. */
  readonly pages: Readonly<Record<string, string>>;
  /** Where each file is, by the name that stands for its address in the pages. */
  readonly files: Readonly<Record<string, string | URL>>;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
]);

const HASH_CHARACTERS = 12;

/**
 * Reads a site. Each file gets an address with the hash of what is in it, and the pages name that. It has no slash in
 * front, as a proxy may have put a path there.
 */
export async function readSite({ folder, pages, files }: SiteParts): Promise<Site> {
  const addresses = new Map<string, string>();
  const served = new Map<string, SiteFile>();
  for (const [name, place] of Object.entries(files)) {
    const content = await readFile(place);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, HASH_CHARACTERS);
    const extension = extname(name);
    const hashed = `${name.slice(0, -extension.length)}.${hash}${extension}`;
    const zipped = await promisify(gzip)(content);
    addresses.set(`"${name}"`, `"${folder}/${hashed}"`);
    served.set(hashed, { type: TYPES.get(extension) ?? '', zipped, plain: () => gunzipSync(zipped) });
  }
  const withAddresses = (html: string) =>
    html.replace(/"[^"\s]+"/g, (value) => addresses.get(value) ?? value);
  return {
    pages: new Map(Object.entries(pages).map(([name, html]) => [name, withAddresses(html)])),
    files: served,
  };
}
