export { CATALOGUE, type CatalogueEntry, DESTINATIONS } from './catalogue/index.ts';
export type { Destination, Limits, Planner } from './kit/destination.ts';
export type { Example } from './kit/example.ts';
export type { Fault, Field, Fields } from './kit/field.ts';
export { type Answer, isSkip, type OutgoingRequest, type Signature, type Skip } from './kit/request.ts';
