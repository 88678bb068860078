/** Who may import whom: the house's borders, held by a tool and not by prose. */
const FEATURES = 'ingest|router|warehouse|control|sdk';
const SHARED = 'log|store|delivery|activity';

const server = (rooms) => `^packages/server/src/(${rooms})/`;
const TEST = '\\.test\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'events-need-nothing',
      comment: 'The vocabulary is pure: everybody may use it, so it may use nobody.',
      severity: 'error',
      from: { path: '^packages/events/src/', pathNot: [TEST, '\\.fixture\\.ts$'] },
      to: { pathNot: '^packages/events/src/' },
    },
    {
      name: 'destinations-need-events-only',
      comment: 'A destination turns events into requests as data. It cannot do anything itself.',
      severity: 'error',
      from: { path: '^packages/destinations/src/', pathNot: TEST },
      to: { pathNot: '^packages/(destinations|events)/src/' },
    },
    {
      name: 'a-destination-needs-the-kit-only',
      severity: 'error',
      from: { path: '^packages/destinations/src/catalogue/([^/]+)/', pathNot: TEST },
      to: { path: '^packages/destinations/src/', pathNot: '^packages/destinations/src/(kit/|catalogue/$1/)' },
    },
    {
      name: 'features-do-not-meet',
      comment: 'What two features share belongs below them.',
      severity: 'error',
      from: { path: server(FEATURES) },
      to: { path: server(FEATURES), pathNot: '^packages/server/src/$1/' },
    },
    {
      name: 'shared-rooms-do-not-know-features',
      severity: 'error',
      from: { path: server(SHARED) },
      to: { path: server(FEATURES) },
    },
    {
      name: 'platform-is-the-ground',
      severity: 'error',
      from: { path: server('platform') },
      to: { path: server(`${FEATURES}|${SHARED}`) },
    },
    {
      name: 'only-main-knows-the-app',
      severity: 'error',
      from: { path: '^packages/server/src/', pathNot: '^packages/server/src/main\\.ts$' },
      to: { path: '^packages/server/src/app\\.ts$' },
    },
    {
      name: 'no-room-knows-what-stands-beside-the-app',
      comment: 'The files beside app.ts are parts of it: they put rooms together, and may know all of them.',
      severity: 'error',
      from: { path: '^packages/server/src/[^/]+/' },
      to: { path: '^packages/server/src/[^/]+\\.ts$' },
    },
    {
      name: 'graphql-in-control-only',
      comment: 'And control loads it with its first request: a server that only takes events goes without.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/server/src/control/' },
      to: { path: 'node_modules/(@apollo|@pothos|@escape\\.tech|graphql|graphql-sse)/' },
    },
    {
      name: 'network-out-from-delivery-only',
      severity: 'error',
      from: {
        path: '^packages/server/src/',
        pathNot: `(^packages/server/src/(delivery|warehouse/loaders)/|${TEST})`,
      },
      to: { path: '^(undici|node_modules/undici|net|node:net|tls|node:tls|https|node:https|dns|node:dns)' },
    },
    {
      name: 'code-does-not-need-tests',
      severity: 'error',
      from: { pathNot: `(${TEST}|^test/|^bench/|^scripts/)` },
      to: { path: `(${TEST}|^test/|^bench/)` },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
