import { fileURLToPath } from 'node:url';
import { DESTINATIONS } from '@metarouter/destinations';
import { describe, expect, test } from 'vitest';
import { parseWorkspace, readWorkspaceFile } from './workspace-file.ts';
import type { DestinationCheck } from './workspace-rules.ts';

/** A destination that wants a list of URLs and knows one setting. */
const webhooks: DestinationCheck = {
  code: 'webhooks',
  check(connection, config) {
    const { urls } = Object(connection);
    const unknown = Object.keys(Object(config)).filter((key) => key !== 'batch');
    return [
      ...(Array.isArray(urls) && urls.every((url) => URL.canParse(url))
        ? []
        : [{ path: 'connection.urls[0]', message: 'is no URL' }]),
      ...unknown.map((key) => ({ path: `config.${key}`, message: 'is not known here' })),
    ];
  },
};
const other: DestinationCheck = { code: 'mixpanel', check: () => [] };

function read(text: string, environment: Record<string, string> = {}) {
  return parseWorkspace('w.yaml', text, environment, [webhooks, other]);
}

function complaintsOf(text: string) {
  const reading = read(text);
  return reading.kind === 'complaints' ? reading.complaints : [];
}

/** A good file, in which a test breaks one line. */
const GOOD = `version: 1
organizations:
  - name: Acme
    users: [{ email: owner@acme.example, role: owner }]
    connections:
      - { name: hooks, destination: webhooks, details: { urls: ["https://\${HOOK_HOST}/hook"] } }
    sources:
      - name: Website
        platform: analytics.js
        writeKey: ILoveData123
        pipelines:
          - { name: Everything to hooks, destination: webhooks, connection: hooks, config: { batch: true } }
      - name: Server
        platform: server
        enabled: false
`;
const environment = { HOOK_HOST: 'hooks.example' };

function broken(from: string, to: string): readonly string[] {
  const text = GOOD.replace(from, to);
  expect(text).not.toBe(GOOD);
  const reading = read(text, environment);
  return reading.kind === 'complaints' ? reading.complaints : [];
}

describe('a good workspace file', () => {
  test('is what it says, with variables filled in and defaults in force', () => {
    const reading = read(GOOD, environment);
    if (reading.kind !== 'workspace') throw new Error(reading.complaints.join('\n'));
    const pipeline = {
      name: 'Everything to hooks',
      destination: 'webhooks',
      connection: 'hooks',
      config: { batch: true },
      filter: [],
      enabled: true,
      delete: false,
    };
    const website = { name: 'Website', platform: 'analytics.js', writeKey: 'ILoveData123' };
    const server = { name: 'Server', platform: 'server', enabled: false, delete: false, pipelines: [] };
    const details = { urls: ['https://hooks.example/hook'] };
    expect(reading.workspace).toEqual({
      version: 1,
      organizations: [
        {
          name: 'Acme',
          users: [{ email: 'owner@acme.example', role: 'owner', delete: false }],
          connections: [{ name: 'hooks', destination: 'webhooks', details, delete: false }],
          sources: [{ ...website, enabled: true, delete: false, pipelines: [pipeline] }, server],
        },
      ],
    });
  });

  test('may say for each pipeline which events it gets', () => {
    const filter = [
      { name: 'Orders only', only: 'type = "track" and event = "Order Completed"' },
      { name: 'No test users', drop: 'contains(userId, "test")' },
    ];
    const text = GOOD.replace('config: {', `filter: ${JSON.stringify(filter)}, config: {`);
    const reading = read(text, environment);
    expect(reading).toMatchObject({
      workspace: { organizations: [{ sources: [{ pipelines: [{ filter }] }, {}] }] },
    });
  });

  test('may say less of what it says to delete', () => {
    const text = GOOD.replace(/details: \{ urls: .* \}/, 'delete: true }').replace(
      'config: { batch: true }',
      'config: { bunch: true }, delete: true',
    );
    expect(read(text, environment).kind).toBe('workspace');
  });
});

test('the example that newcomers start from is good', () => {
  const file = fileURLToPath(new URL('../../../../examples/workspace.yaml', import.meta.url));
  const reading = readWorkspaceFile(file, {}, [...DESTINATIONS.values()]);
  expect(reading).toMatchObject({
    kind: 'workspace',
    workspace: { organizations: [{ sources: [{ writeKey: 'ILoveData123', pipelines: [{}] }] }] },
  });
});

describe('a bad workspace file is told where, what and how to mend it', () => {
  test.each([
    [
      'a key that is not known',
      'destination: webhooks, connection',
      'destinatio: webhooks, connection',
      [
        'w.yaml:12:13 organizations[0].sources[0].pipelines[0].destination: is missing; give text',
        "w.yaml:12:42 organizations[0].sources[0].pipelines[0].destinatio: unknown key; did you mean 'destination'?",
      ],
    ],
    [
      'a destination that is not known',
      'destination: webhooks, connection',
      'destination: webhook, connection',
      [
        "w.yaml:12:55 organizations[0].sources[0].pipelines[0].destination: unknown destination 'webhook'; did you mean 'webhooks'?",
      ],
    ],
    [
      'a connection that is not there',
      'connection: hooks,',
      'connection: crm,',
      [
        "w.yaml:12:77 organizations[0].sources[0].pipelines[0].connection: unknown connection 'crm'; known are hooks",
      ],
    ],
    [
      "another destination's connection",
      'destination: webhooks, connection',
      'destination: mixpanel, connection',
      [
        "w.yaml:12:77 organizations[0].sources[0].pipelines[0].connection: connection 'hooks' is for 'webhooks', not 'mixpanel'; make them agree",
      ],
    ],
    [
      'a connection that is to be deleted',
      'destination: webhooks, details',
      'destination: webhooks, delete: true, details',
      [
        "w.yaml:12:77 organizations[0].sources[0].pipelines[0].connection: connection 'hooks' is to be deleted; give another one, or delete this pipeline too",
      ],
    ],
    [
      'a name with a character that cannot be stored',
      'name: Server',
      'name: "Ser\\0ver"',
      ['w.yaml:13:15 organizations[0].sources[1].name: has the character NUL in it; leave that out'],
    ],
    [
      'a field that the destination refuses',
      'https://',
      'nonsense ',
      ['w.yaml:6:65 organizations[0].connections[0].details.urls[0]: is no URL'],
    ],
    [
      'a setting that the destination does not know',
      '{ batch: true }',
      '{ bunch: true }',
      ['w.yaml:12:101 organizations[0].sources[0].pipelines[0].config.bunch: is not known here'],
    ],
    [
      'a filter whose conditions cannot be understood',
      'config: { batch: true }',
      "filter: [{ name: a, only: type = track and }, { name: b, drop: event == 'x' }]",
      [
        'w.yaml:12:110 organizations[0].sources[0].pipelines[0].filter[0].only: column 17 of the condition: expected a field, a value or a function, found the end',
        "w.yaml:12:147 organizations[0].sources[0].pipelines[0].filter[1].drop: column 8 of the condition: expected a field, a value or a function, found '='",
      ],
    ],
    [
      'a rule of a filter without a name of its own or without one condition',
      'config: { batch: true }',
      'filter: [{ name: a, only: "true" }, { name: " a ", drop: "true" }, { name: c }]',
      [
        "w.yaml:12:128 organizations[0].sources[0].pipelines[0].filter[1].name: 'a' is there twice; give one of them another name",
        'w.yaml:12:151 organizations[0].sources[0].pipelines[0].filter[2]: has neither only nor drop; give one of them',
      ],
    ],
    [
      'a rule of a filter with a key that is not known, or a condition that is no text',
      'config: { batch: true }',
      'filter: [{ name: a, dorp: x }, { name: b, only: true }]',
      [
        "w.yaml:12:104 organizations[0].sources[0].pipelines[0].filter[0].dorp: unknown key; did you mean 'drop'?",
        'w.yaml:12:132 organizations[0].sources[0].pipelines[0].filter[1].only: is wrong; give text',
      ],
    ],
    [
      'a variable that is not set',
      'HOOK_HOST',
      'HOOK_HOT',
      [
        'w.yaml:6:65 organizations[0].connections[0].details.urls[0]: variable HOOK_HOT is not set; set it, or write the value here',
      ],
    ],
    [
      'a field that must be there',
      '        platform: analytics.js\n',
      '',
      [
        'w.yaml:8:9 organizations[0].sources[0].platform: is missing; give analytics.js, server, ios, android, react-native',
      ],
    ],
    [
      'an unknown platform',
      'platform: server',
      'platform: cobol',
      [
        'w.yaml:14:19 organizations[0].sources[1].platform: is wrong; give analytics.js, server, ios, android, react-native',
      ],
    ],
    [
      'a value of the wrong kind',
      'enabled: false',
      'enabled: "no"',
      ['w.yaml:15:18 organizations[0].sources[1].enabled: is wrong; give true or false'],
    ],
    [
      'a list left empty',
      '    users: [{ email: owner@acme.example, role: owner }]',
      '    users:',
      ['w.yaml:4:11 organizations[0].users: is wrong; give a list'],
    ],
    [
      'a write key of the wrong shape',
      'ILoveData123',
      '"I love data"',
      [
        'w.yaml:10:19 organizations[0].sources[0].writeKey: must be 1 to 64 letters, digits, dashes or underscores',
      ],
    ],
    [
      'a write key given twice',
      'platform: server',
      'platform: server\n        writeKey: ILoveData123',
      [
        'w.yaml:15:19 organizations[0].sources[1].writeKey: the same write key is given to another source above; each needs its own',
      ],
    ],
    [
      'a name given twice',
      'name: Server',
      'name: Website',
      [
        "w.yaml:13:15 organizations[0].sources[1].name: 'Website' is there twice; give one of them another name",
      ],
    ],
    [
      'a user without a good address or role',
      '{ email: owner@acme.example, role: owner }',
      '{ email: owner, role: boss }',
      [
        'w.yaml:4:22 organizations[0].users[0].email: is no e-mail address',
        'w.yaml:4:35 organizations[0].users[0].role: is wrong; give owner, user',
      ],
    ],
    [
      'a user given twice, in other letters',
      'role: owner }',
      'role: owner }, { email: Owner@ACME.example, role: user }',
      [
        "w.yaml:4:66 organizations[0].users[1].email: 'owner@acme.example' is there twice; give one of them another name",
      ],
    ],
    [
      'a fault in what an alias stands for, told where the alias stands',
      'organizations:',
      'organizations:\n  - { name: &empty "", connections: [{ name: *empty, destination: webhooks }] }',
      [
        'w.yaml:3:20 organizations[0].name: is empty; give a name',
        'w.yaml:3:46 organizations[0].connections[0].name: is empty; give a name',
      ],
    ],
    [
      'a variable in place of a key: only values are filled in',
      'enabled: false',
      `"\${HOOK_HOST}": false`,
      [
        `w.yaml:15:9 organizations[0].sources[1].\${HOOK_HOST}: unknown key; known are name, platform, writeKey, enabled, delete, pipelines`,
      ],
    ],
    ['a later version', 'version: 1', 'version: 2', ['w.yaml:1:10 version: is wrong; give 1']],
    [
      'a file that is no YAML',
      'version: 1',
      'version: [1',
      [
        'w.yaml:2:1 is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'a key given twice',
      'version: 1',
      'version: 1\nversion: 1',
      ['w.yaml:2:1 is no YAML: Map keys must be unique'],
    ],
    [
      'an alias of nothing',
      'version: 1',
      'version: *one',
      ['w.yaml:1:1 is no YAML: Unresolved alias (the anchor must be set before the alias): one'],
    ],
  ])('%s', (_, from, to, complaints) => {
    expect(broken(from, to)).toEqual(complaints);
  });

  test('an empty file', () => {
    expect(complaintsOf('')).toEqual(['w.yaml:1:1 is wrong; give a table of keys and values']);
  });

  test('aliases that would unfold without end', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level}: &l${level} [${level ? `*l${level - 1}, `.repeat(10) : 'x'}]`,
    );
    expect(complaintsOf(levels.join('\n'))).toEqual([
      'w.yaml:1:1 is no YAML: Excessive alias count indicates a resource exhaustion attack',
    ]);
  });

  test('a file that is not there', () => {
    expect(readWorkspaceFile('nowhere/w.yaml', {}, [])).toEqual({
      kind: 'complaints',
      complaints: ["nowhere/w.yaml cannot be read: ENOENT: no such file or directory, open 'nowhere/w.yaml'"],
    });
  });

  test('no complaint repeats a value that came from the environment', () => {
    const text = GOOD.replace('ILoveData123', `"\${SECRET}"`).replace('role: owner', `role: "\${SECRET}"`);
    const reading = read(text, { ...environment, SECRET: 'hunter 2' });
    expect(reading.kind).toBe('complaints');
    expect(JSON.stringify(reading)).not.toContain('hunter');
  });
});
