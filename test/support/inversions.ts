/** An event that arrived, and where it stands among all events in the order in which they were accepted. */
export interface Arrival {
  readonly user: unknown;
  readonly place: number;
}

/** How often an event arrived after a later one of the same user. */
export function countInversions(arrivals: Iterable<Arrival>): number {
  const lastPlace = new Map<unknown, number>();
  let inversions = 0;
  for (const { user, place } of arrivals) {
    const last = lastPlace.get(user) ?? Number.NEGATIVE_INFINITY;
    if (place < last) inversions += 1;
    else lastPlace.set(user, place);
  }
  return inversions;
}
