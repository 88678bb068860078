export { CATALOGUE, type CatalogueEntry, DESTINATIONS } from './catalogue/index.ts';
export type { Batch, EventOutcomes } from './kit/batch.ts';
export {
  type ConnectionTest,
  type Finding,
  isUnchecked,
  type TestAnswer,
  type Unchecked,
} from './kit/connection-test.ts';
export {
  type Destination,
  LEFT_TO_BROWSER,
  type Limits,
  type Planner,
  type Trouble,
} from './kit/destination.ts';
export type { Example } from './kit/example.ts';
export type { Fault, Field, Fields } from './kit/field.ts';
export { fieldHelp } from './kit/field-help.ts';
export type { DeclaredOutcome, Outcomes } from './kit/outcome.ts';
export { type Mode, PLATFORMS, type Platform } from './kit/reach.ts';
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
