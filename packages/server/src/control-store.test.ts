import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESTINATIONS } from '@metarouter/destinations';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ControlStore, openControlStore } from './control-store.ts';
import { readConfig } from './platform/config.ts';
import type { Logger } from './platform/logger.ts';
import { Passwords } from './platform/passwords.ts';
import { VirtualClock } from './platform/virtual-clock.ts';
import { DatabaseUnavailable } from './store/database-unavailable.ts';
import type { FileInvitation } from './store/file-members.ts';
import {
  findPostgres,
  type PostgresServer,
  postgresUrl,
  startPostgres,
} from './store/postgres-server.fixture.ts';
import { updateSource } from './store/sources.ts';
import { OPERATOR, onPostgres } from './store/store.fixture.ts';
import { databaseUrlFor } from './store/test-database.fixture.ts';
import { findUserByEmail } from './store/users.ts';
import { parseWorkspace } from './store/workspace-file.ts';
import type { WorkspaceShape } from './store/workspace-shape.ts';

const OWNER = { METAROUTER_OWNER_EMAIL: 'ada@example.com', METAROUTER_OWNER_PASSWORD: 'analytical engine' };

/** A file with one source, of this name. */
function fileWith(name: string, users: readonly object[] = []): WorkspaceShape {
  const sources = [{ name, platform: 'server', writeKey: 'website' }];
  const text = JSON.stringify({ version: 1, organizations: [{ name: 'Acme', users, sources }] });
  const reading = parseWorkspace('w.yaml', text, {}, [...DESTINATIONS.values()]);
  if (reading.kind === 'complaints') throw new Error(reading.complaints.join('\n'));
  return reading.workspace;
}

interface Wish {
  readonly data: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: WorkspaceShape;
}

/** Opens a control store as the server does, on a clock of its own. */
async function openWith({ data, environment = {}, file }: Wish) {
  const databaseUrl = await databaseUrlFor(data);
  const inPostgres = databaseUrl !== undefined && { METAROUTER_DATABASE_URL: databaseUrl };
  const reading = readConfig(['--data', data], { ...inPostgres, ...environment });
  if (reading.kind !== 'config') throw new Error(JSON.stringify(reading));
  const clock = new VirtualClock();
  const logged: string[] = [];
  const invited: FileInvitation[] = [];
  const log = (message: string) => void logged.push(message);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const controlStore = await openControlStore({
    config: reading.config,
    file,
    clock,
    logger,
    passwords: new Passwords(),
    deliver: async () => {},
    invite: async (invitations) => void invited.push(...invitations),
  });
  onTestFinished(() => controlStore.close());
  return { controlStore, clock, logged, invited };
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'metarouter-control-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const sourceName = (controlStore: ControlStore) => controlStore.workspace().sources.get('website')?.name;

describe('a control store', () => {
  test('has what the workspace file says in force when it is open, and invites its people once', async () => {
    const data = directory();
    const file = fileWith('Website', [{ email: 'ford@example.com', role: 'owner' }]);
    const { controlStore, invited } = await openWith({ data, file });
    expect(sourceName(controlStore)).toBe('Website');
    expect(invited).toMatchObject([{ email: 'ford@example.com', organization: 'Acme' }]);
    await controlStore.close();
    expect((await openWith({ data, file })).invited).toEqual([]);
  });

  test('makes the owner that the settings name, with the organizations of the file, while nobody has an account', async () => {
    const data = directory();
    const { controlStore } = await openWith({ data, file: fileWith('Website'), environment: OWNER });
    const { db } = controlStore.store;
    const owner = await findUserByEmail(db, 'ada@example.com');
    expect(owner).toMatchObject({ confirmedAt: expect.any(Number) });
    const places = await db
      .selectFrom('members')
      .innerJoin('organizations', 'organizations.id', 'members.organization_id')
      .select(['organizations.name', 'role'])
      .execute();
    expect(places).toEqual([{ name: 'Acme', role: 'OWNER' }]);
    expect(await controlStore.isNew()).toBe(false);
    await controlStore.close();
    const other = { ...OWNER, METAROUTER_OWNER_EMAIL: 'mallory@example.com' };
    const again = await openWith({ data, environment: other });
    expect(await findUserByEmail(again.controlStore.store.db, 'mallory@example.com')).toBeUndefined();
  });

  test('is new until somebody has an account', async () => {
    const { controlStore } = await openWith({ data: directory(), file: fileWith('Website') });
    expect(await controlStore.isNew()).toBe(true);
  });
});

onPostgres('a control store that may be away', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    const found = findPostgres();
    if ('missing' in found) throw new Error(found.missing);
    postgres = await startPostgres(found);
    return () => postgres.stop();
  });
  const environment = () => ({ METAROUTER_DATABASE_URL: postgresUrl(postgres.directory, 'postgres') });

  test('a server that starts while PostgreSQL is down goes on with what was in force, and catches up within seconds', async () => {
    const data = directory();
    const first = await openWith({ data, environment: environment(), file: fileWith('One') });
    await postgres.halt();

    // Down while it runs: what is in force stays, and whoever asks for more is told that it is not there.
    await first.clock.pass(5_000);
    expect(sourceName(first.controlStore)).toBe('One');
    await expect(first.controlStore.store.version()).rejects.toBeInstanceOf(DatabaseUnavailable);
    await first.controlStore.close();
    expect(first.logged.filter((line) => line.includes('stays in force'))).toHaveLength(1);

    // Down at a cold start.
    const second = await openWith({ data, environment: environment(), file: fileWith('Two') });
    expect(sourceName(second.controlStore)).toBe('One');
    expect(second.logged).toEqual([expect.stringContaining('The database cannot be reached.')]);
    expect(() => second.controlStore.store.db).toThrow(DatabaseUnavailable);
    await expect(second.controlStore.apply(fileWith('Three'))).rejects.toBeInstanceOf(DatabaseUnavailable);
    await second.clock.pass(5_000);
    expect(sourceName(second.controlStore)).toBe('One');

    // Back: the file that waited is applied, and changes are taken again.
    await postgres.resume();
    await expect
      .poll(
        async () => {
          await second.clock.pass(1_000);
          return sourceName(second.controlStore);
        },
        { timeout: 10_000 },
      )
      .toBe('Two');
    await second.controlStore.store.change(OPERATOR, ({ db }) =>
      updateSource(db, 'website', { name: 'Four' }),
    );
    await expect.poll(() => sourceName(second.controlStore)).toBe('Four');
  });

  test('a first start without PostgreSQL has nothing to go on with, and says what is wrong', async () => {
    await postgres.halt();
    const opening = openWith({ data: directory(), environment: environment() });
    await expect(opening).rejects.toThrow(/^PostgreSQL cannot be reached at /);
    await postgres.resume();
  });
});
