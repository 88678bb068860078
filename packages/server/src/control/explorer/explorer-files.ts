import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readSite, type Site } from '../site/site.ts';

const require = createRequire(import.meta.url);

/** A file of an installed package, also where the package names no way to it. */
const ofPackage = (name: string, file: string) =>
  join(dirname(require.resolve(`${name}/package.json`)), file);

const ofExplorer = (name: string) => new URL(name, import.meta.url);

/** Reads what the explorer is made of: GraphiQL, and the page around it. */
export async function readExplorer(folder: string): Promise<Site> {
  return readSite({
    folder,
    pages: { explorer: await readFile(ofExplorer('explorer.html'), 'utf8') },
    files: {
      'react.js': ofPackage('react', 'umd/react.production.min.js'),
      'react-dom.js': ofPackage('react-dom', 'umd/react-dom.production.min.js'),
      'graphiql.js': ofPackage('graphiql', 'graphiql.min.js'),
      'graphiql.css': ofPackage('graphiql', 'graphiql.min.css'),
      'examples.js': ofExplorer('examples.js'),
      'asking.js': ofExplorer('asking.js'),
      'choices.js': ofExplorer('choices.js'),
      'explorer.js': ofExplorer('explorer.js'),
      'explorer.css': ofExplorer('explorer.css'),
    },
  });
}
