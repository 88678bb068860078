/** What attempts come to that are answered with a status. */
export type Outcomes = Readonly<Record<number, DeclaredOutcome>>;

/** What a vendor's answer means for an event. */
export interface DeclaredOutcome {
  readonly kind: 'delivered' | 'retry' | 'rejected' | 'misconfigured';
  /** For people: what is wrong and what to do. Completes "HTTP 401: …". */
  readonly reason: string;
}
