import type { Destination } from '../kit/destination.ts';
import type { Example } from '../kit/example.ts';
import { acquisio } from './acquisio/destination.ts';
import { acquisioExamples } from './acquisio/examples.ts';
import { customerio } from './customerio/destination.ts';
import { customerioExamples } from './customerio/examples.ts';
import { webhooks } from './webhooks/destination.ts';
import { webhooksExamples } from './webhooks/examples.ts';

/** Every destination with its examples. A new one is a folder and a line here. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  { destination: acquisio, examples: acquisioExamples },
  { destination: customerio, examples: customerioExamples },
  { destination: webhooks, examples: webhooksExamples },
];

/** One destination of the catalogue. */
export interface CatalogueEntry {
  readonly destination: Destination;
  readonly examples: readonly Example[];
}

/** The destinations by their code. */
export const DESTINATIONS: ReadonlyMap<string, Destination> = new Map(
  CATALOGUE.map(({ destination }) => [destination.code, destination]),
);
