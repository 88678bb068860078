import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** The whole path of the first of these programs that PATH leads to. Undefined when none is installed. */
export function installedProgram(...names: readonly string[]): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(existsSync);
}

/**
 * A suite whose real part is a program that may not be installed. Where it is missing the suite is skipped by
 * name, loudly, on a person's machine, and fails where `CI=true`: a proof must not vanish unseen.
 */
export function describeWith(
  title: string,
  program: string,
  path: string | undefined,
  suite: (path: string) => void,
): void {
  if (path !== undefined) {
    describe(title, () => suite(path));
  } else if (process.env.CI === 'true') {
    test(`${title}: ${program} is installed`, () => {
      throw new Error(`${program} is not installed, and with CI=true this suite may not be skipped`);
    });
  } else {
    process.stderr.write(`\nSKIPPED: ${title}: ${program} is not installed\n`);
    test.skip(`${title}: ${program} is not installed`, () => undefined);
  }
}
