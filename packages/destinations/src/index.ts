export { CATALOGUE, type CatalogueEntry, DESTINATIONS } from './catalogue/index.ts';
export type { Batch, EventOutcomes } from './kit/batch.ts';
export type { Destination, Limits, Planner, Trouble } from './kit/destination.ts';
export type { Example } from './kit/example.ts';
export type { Fault, Field, Fields } from './kit/field.ts';
export type { DeclaredOutcome, Outcomes } from './kit/outcome.ts';
export {
  type Answer,
  isRefusal,
  isSkip,
  type OutgoingRequest,
  type Refusal,
  type Sending,
  type Signature,
  type Skip,
} from './kit/request.ts';
