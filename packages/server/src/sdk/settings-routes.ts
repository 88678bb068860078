import type { FastifyInstance, FastifyReply } from 'fastify';
import { PREFLIGHT_SECONDS } from '../platform/preflight.ts';
import { PROBLEMS, type Problem, problem, problemBody } from '../platform/problem.ts';
import type { Workspace } from '../store/workspace.ts';
import { addressFromHost, addressOf, settingsFor } from './settings.ts';

/** What the settings endpoint works with. */
export interface SettingsOptions {
  readonly workspace: () => Workspace;
  /** Where clients reach this server; told by the request's Host header when undefined. */
  readonly publicUrl: string | undefined;
}

/** The paths that SDKs ask, with the id of the source in the middle. */
const PATHS = [
  '/v1/projects/:id/settings',
  // Kotlin and Swift when `cdnHost` is given without its `/v1`.
  '/projects/:id/settings',
  // React Native since 2.20.4 with a `cdnProxy` that was made for an older release, `…/v1/projects`.
  '/v1/projects/projects/:id/settings',
  // Browsers when `cdnURL` is given with a `/v1`.
  '/v1/v1/projects/:id/settings',
].flatMap((path) => [path, `${path}/`]);

/** The methods that are answered. */
const METHODS = ['GET', 'HEAD', 'OPTIONS'];
const ALLOWED = METHODS.join(', ');

/**
 * How long an answer may be kept: a minute, so that a change is soon seen; and a week by a cache in front that cannot
 * reach us, because a browser that gets no settings sends no event at all.
 */
const CACHING = 'public, max-age=60, stale-while-revalidate=60, stale-if-error=604800';

/**
 * Declares the endpoint at which SDKs fetch the settings of a source. A disabled source has settings like any other: its
 * clients keep what they collect within their own limits, and the door decides. A source that does not exist is 404: a
 * browser prints it, mobile apps go on with their own defaults, and the door would refuse the events anyway.
 */
export function settingsRoutes(routes: FastifyInstance, { workspace, publicUrl }: SettingsOptions): void {
  const ours = publicUrl === undefined ? undefined : addressOf(publicUrl);
  for (const path of PATHS) {
    routes.get<{ Params: { id: string } }>(path, (request, reply) => {
      reply.header('Access-Control-Allow-Origin', '*');
      const address = ours ?? addressFromHost(request.headers.host);
      if (address === undefined) return refuse(reply, problem('invalid_host', 'name the host that you call'));
      const source = workspace().sources.get(request.params.id);
      if (source === undefined) return refuse(reply, problem('unknown_source'));
      reply.header('Cache-Control', CACHING);
      return settingsFor(source.id, address);
    });
    routes.options(path, (request, reply) => {
      reply.code(204).headers({
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': ALLOWED,
        'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
        Vary: 'Access-Control-Request-Headers',
      });
      // React Native asks with `Cache-Control: no-cache`, which a page on another origin must be allowed to send.
      const requested = request.headers['access-control-request-headers'];
      if (requested !== undefined) reply.header('Access-Control-Allow-Headers', requested);
      reply.send();
    });
    routes.route({
      method: routes.supportedMethods.filter((method) => !METHODS.includes(method)),
      url: path,
      // Answered before the framework reads a body, which may be anything; so there is nothing left to handle.
      onRequest(_request, reply) {
        reply.headers({ Allow: ALLOWED, 'Access-Control-Allow-Origin': '*' });
        reply.send(refuse(reply, problem('method_not_allowed', `use ${METHODS[0]}`)));
      },
      handler: () => {},
    });
  }
}

function refuse(reply: FastifyReply, cause: Problem) {
  reply.code(PROBLEMS[cause.code].status).header('Cache-Control', 'no-store');
  return problemBody(cause);
}
