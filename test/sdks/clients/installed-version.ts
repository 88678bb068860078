import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The version of an installed package, as its own package.json says it. */
export function installedVersion(name: string): string {
  let folder = dirname(require.resolve(name));
  for (;;) {
    const [, version] = versionIn(folder, name) ?? [];
    if (version !== undefined) return version;
    if (folder === dirname(folder)) throw new Error(`${name} says no version`);
    folder = dirname(folder);
  }
}

function versionIn(folder: string, name: string): RegExpExecArray | undefined {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    return text.includes(`"name": "${name}"`) ? (/"version": "([^"]+)"/.exec(text) ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
