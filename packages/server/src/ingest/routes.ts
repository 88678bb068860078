import { CALLS, type CallType, isCallType } from '@metarouter/events';

/** One of the door's routes. */
export interface Route {
  /** The route's call; undefined for the batch routes, where each item names its own. */
  readonly type: CallType | undefined;
  readonly batched: boolean;
}

const ROUTES: ReadonlyMap<string, Route> = collectRoutes();

/** The route of a request's target, its query not looked at; undefined when it is none of the door's. */
export function routeOf(target: string): Route | undefined {
  const route = ROUTES.get(target);
  if (route !== undefined) return route;
  const query = target.indexOf('?');
  return query < 0 ? undefined : ROUTES.get(target.slice(0, query));
}

function collectRoutes(): Map<string, Route> {
  const routes = new Map<string, Route>();
  const add = (name: string, route: Route) => {
    routes.set(`/v1/${name}`, route);
    // Java's SDK ends its paths with a slash.
    routes.set(`/v1/${name}/`, route);
  };
  for (const [type, short] of Object.entries(CALLS)) {
    if (!isCallType(type)) continue;
    const route: Route = { type, batched: false };
    add(type, route);
    add(short, route);
  }
  for (const name of ['batch', 'b', 'import']) add(name, { type: undefined, batched: true });
  return routes;
}
