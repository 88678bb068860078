import type { Caller } from './caller.ts';
import type { Grant } from './grant.ts';
import type { Services } from './services.ts';

/** What the header `organization` said. */
export type OrganizationHeader =
  | { readonly kind: 'absent' }
  | { readonly kind: 'given'; readonly id: string }
  /** Sent twice, or nothing that could be an id. */
  | { readonly kind: 'malformed' };

/** What each resolver is handed beside its arguments. */
export interface Context {
  readonly caller: Caller;
  /** The client's address. */
  readonly address: string;
  readonly organizationHeader: OrganizationHeader;
  readonly services: Services;
  /** What the field's own access rule found. */
  readonly grant: Grant;
  /** Told of the rule that a subscription passed, so that its stream can ask it again for as long as it lasts. */
  readonly onGranted?: (again: (caller: Caller) => Promise<unknown>) => void;
}
