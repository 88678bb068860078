import { CALLS, isCallType } from '@metarouter/events';
import { batches, singleCalls } from './calls.ts';
import { customEvents } from './custom-events.ts';
import { pixels } from './pixel.ts';
import type { Route, RouteKind } from './route.ts';
import { sdkMetrics } from './sdk-metrics.ts';
import { webhooks } from './webhook.ts';

/** Every route of the door: the paths that lead to it, of which the first is its name, and its kind. */
const TABLE: readonly (readonly [paths: readonly string[], kind: RouteKind])[] = [
  // Beside its documented paths each call has the one that browsers use when `apiHost` is given without its `/v1`.
  ...Object.entries(CALLS).flatMap(([type, short]) => {
    if (!isCallType(type)) return [];
    return [
      [[`/v1/${type}`, `/v1/${short}`, `/${short}`], singleCalls(type)],
      [[`/v1/pixel/${type}`], pixels(type)],
    ] as const;
  }),
  [
    [
      '/v1/batch',
      '/v1/b',
      '/v1/import',
      // Swift, Kotlin and React Native put `/b` behind `apiHost` or `proxy`, Android `/import`, and older browser builds
      // `/batch`: also where the host was given without its `/v1`.
      '/b',
      '/import',
      '/batch',
      // React Native since 2.20.4 with a `proxy` that was made for an older release, `…/v1/batch`.
      '/v1/batch/b',
      // Python, PHP and Go put theirs behind a host that was given with its `/v1`.
      '/v1/v1/batch',
      // RudderStack's browser SDK when it sends with `sendBeacon`.
      '/beacon/v1/batch',
    ],
    batches,
  ],
  [['/v1/webhook', '/v1/w'], webhooks],
  [['/v1/custom/event'], customEvents],
  [['/v1/m', '/m'], sdkMetrics],
];

const ROUTES: ReadonlyMap<string, Route> = new Map(
  TABLE.flatMap(([paths, kind]) => {
    const route: Route = { name: paths[0] ?? '', ...kind };
    // Java's SDK ends its paths with a slash.
    return paths.flatMap((path) => [[path, route] as const, [`${path}/`, route] as const]);
  }),
);

/** The route of a request's target, its query not looked at; undefined when it is none of the door's. */
export function routeOf(target: string): Route | undefined {
  const route = ROUTES.get(target);
  if (route !== undefined) return route;
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  // A host that was given with a slash at its end makes two of them in a row.
  return ROUTES.get(path) ?? ROUTES.get(path.replace(/\/{2,}/g, '/'));
}
