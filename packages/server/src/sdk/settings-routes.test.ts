import { type FastifyInstance, fastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { Source } from '../store/workspace.ts';
import { settingsRoutes } from './settings-routes.ts';

const site: Source = {
  id: 'site',
  name: 'Website',
  organization: 'Acme',
  platform: 'analytics.js',
  enabled: true,
};
const off: Source = { ...site, id: 'off', enabled: false };

/** The routes for a workspace with an enabled and a disabled source. */
function routesOf(publicUrl?: string): FastifyInstance {
  const routes = fastify();
  const sources = new Map([site, off].map((source) => [source.id, source]));
  settingsRoutes(routes, { workspace: () => ({ sources, pipelines: [] }), publicUrl });
  return routes;
}

async function settings(host: string, publicUrl?: string, path = '/v1/projects/site/settings') {
  return routesOf(publicUrl).inject({ url: path, headers: { host } });
}

describe('the settings that SDKs fetch', () => {
  test('send all events here, load nothing, and report to nobody', async () => {
    const answer = await settings('events.example.com:8080');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('json'),
    ]);
    expect(answer.json()).toMatchObject({
      integrations: {
        'Segment.io': { apiKey: 'site', apiHost: 'events.example.com:8080/v1', protocol: 'http' },
      },
      metrics: { sampleRate: 0, host: 'events.example.com:8080/v1' },
      plan: { track: { __default: { enabled: true, integrations: {} } } },
    });
    expect(Object.keys(answer.json().integrations)).toEqual(['Segment.io']);
  });

  test('hold no null anywhere, and objects where Kotlin wants objects', async () => {
    const answer = await settings('localhost:8080');
    expect(answer.body).not.toContain('null');
    const { integrations, plan, edgeFunction, middlewareSettings, metrics } = answer.json();
    for (const part of [integrations, plan, edgeFunction, middlewareSettings, metrics]) {
      expect(part).toBeTypeOf('object');
    }
  });

  test('do not make a consent tool switch everything off', async () => {
    expect((await settings('localhost:8080')).json().consentSettings.hasUnmappedDestinations).toBe(true);
  });

  test.each([
    [
      'the host that was called, over http where it has a port',
      'localhost:8080',
      undefined,
      'localhost:8080/v1',
      'http',
    ],
    ['the host that was called', '[::1]:8080', undefined, '[::1]:8080/v1', 'http'],
    ['the host of a proxy, over https', 'events.example.com', undefined, 'events.example.com/v1', 'https'],
    ['the public address before all', 'internal:8080', 'https://e.example.com', 'e.example.com/v1', 'https'],
    [
      'the public address with its path',
      'x:1',
      'http://e.example.com:81/mr',
      'e.example.com:81/mr/v1',
      'http',
    ],
  ])('name %s', async (_, host, publicUrl, apiHost, protocol) => {
    expect((await settings(host, publicUrl)).json().integrations['Segment.io']).toMatchObject({
      apiHost,
      protocol,
    });
  });

  test.each(['a b', 'evil.example/path', '"><script>', 'a:b', 'x'.repeat(300)])(
    'are refused for the host %j, and never name another one',
    async (host) => {
      const answer = await settings(host);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_host']);
    },
  );

  test.each([
    '/v1/projects/site/settings',
    '/projects/site/settings',
    '/v1/projects/projects/site/settings',
    '/v1/v1/projects/site/settings',
    '/v1/projects/site/settings/',
    '/projects/site/settings/?x=1',
  ])('are served at %s', async (path) => {
    expect((await settings('localhost:8080', undefined, path)).json().integrations['Segment.io'].apiKey).toBe(
      'site',
    );
  });

  test('may be cached shortly, and be served for a week by a cache that cannot reach us', async () => {
    const { headers } = await settings('localhost:8080');
    expect(headers['cache-control']).toBe(
      'public, max-age=60, stale-while-revalidate=60, stale-if-error=604800',
    );
  });

  test('of a disabled source are like any other', async () => {
    const answer = await settings('localhost:8080', undefined, '/v1/projects/off/settings');
    expect([answer.statusCode, answer.json().integrations['Segment.io'].apiKey]).toEqual([200, 'off']);
  });

  test('of a source that does not exist are 404, readable from any page and never cached', async () => {
    const answer = await settings('localhost:8080', undefined, '/v1/projects/nobody/settings');
    expect([answer.statusCode, answer.json().Message]).toEqual([404, 'No source has this write key']);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
  });

  test('may be asked for by any page, with any header', async () => {
    expect((await settings('localhost:8080')).headers['access-control-allow-origin']).toBe('*');
    const preflight = await routesOf().inject({
      method: 'OPTIONS',
      url: '/v1/projects/site/settings',
      headers: { origin: 'https://shop.example', 'access-control-request-headers': 'cache-control' },
    });
    expect(preflight).toMatchObject({
      statusCode: 204,
      body: '',
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD, OPTIONS',
        'access-control-allow-headers': 'cache-control',
        'access-control-max-age': '86400',
      },
    });
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'] as const)('are not for %s', async (method) => {
    const answer = await routesOf().inject({
      method,
      url: '/v1/projects/site/settings',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect([answer.statusCode, answer.headers.allow, answer.json()]).toMatchObject([
      405,
      'GET, HEAD, OPTIONS',
      { Error: 'Method Not Allowed', Details: 'use GET', code: 'method_not_allowed' },
    ]);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  test('are answered to HEAD without a body', async () => {
    const answer = await routesOf().inject({
      method: 'HEAD',
      url: '/projects/site/settings',
      headers: { host: 'a:1' },
    });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});
