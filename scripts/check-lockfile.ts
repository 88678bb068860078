// Holds that package-lock.json installs anywhere: it names no registry, and has an entry for each optional package.
// `npm install` leaves out those for other platforms that its registry does not know; `npm ci` then refuses to run.
import { readFileSync } from 'node:fs';
import { ROOT } from './run-step.ts';

interface LockedPackage {
  readonly resolved?: string;
  /** A workspace of this repository. */
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockfile: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(`${ROOT}package-lock.json`, 'utf8'),
);
const { packages } = lockfile;
const complaints = Object.entries(packages).flatMap(
  ([path, { resolved, link, optionalDependencies = {} }]) => [
    ...(resolved === undefined || link ? [] : [`${path} names where it was downloaded from: ${resolved}`]),
    ...Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages))
      .map(
        (name) => `${name}, an optional part of ${path}, has no entry: add its version, os and cpu by hand`,
      ),
  ],
);
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);
