import type { Destination } from '@metarouter/destinations';
import { didYouMean } from '../platform/did-you-mean.ts';
import { prototypeId } from './prototypes.ts';
import { badInput } from './refusal.ts';
import type { Services } from './services.ts';

type Catalogue = Pick<Services, 'destinations'>;

/** The destination with the code that a caller gave; a Refusal when there is none. */
export function destinationFrom({ destinations }: Catalogue, code: string): Destination {
  const destination = destinations.get(code);
  if (destination !== undefined) return destination;
  throw badInput([
    { field: 'integrationCode', message: `is no destination; ${didYouMean(code, [...destinations.keys()])}` },
  ]);
}

/** The same, for a caller who also gave the id of its prototype. */
export function prototypeFor(catalogue: Catalogue, code: string, id: string): Destination {
  const destination = destinationFrom(catalogue, code);
  if (prototypeId(code) === id) return destination;
  const message = `is not the id of the prototype of ${code}; ask clickstreamPrototypes(code: "${code}") for it`;
  throw badInput([{ field: 'connectionPrototypeId', message }]);
}

/** The destination of something that is stored. Throws when this version does not know it. */
export function destinationOf({ destinations }: Catalogue, code: string): Destination {
  const destination = destinations.get(code);
  if (destination === undefined) throw new Error(`the store speaks of the unknown destination ${code}`);
  return destination;
}
