import { DESTINATIONS } from '@metarouter/destinations';
import { formatIsoTime } from '@metarouter/events';
import { LINKS } from './control/mails/links.ts';
import { makeOwnerOfSettings } from './first-owner.ts';
import type { Clock } from './platform/clock.ts';
import type { Logger } from './platform/logger.ts';
import type { Passwords } from './platform/passwords.ts';
import { readSecretKey, type SecretKey } from './platform/secret-key.ts';
import type { Config } from './platform/settings.ts';
import { applyWorkspaceFile } from './store/apply-workspace-file.ts';
import { DatabaseUnavailable } from './store/database-unavailable.ts';
import type { FileInvitation } from './store/file-members.ts';
import { PatientStore } from './store/patient-store.ts';
import { SealedConfiguration } from './store/sealed-configuration.ts';
import type { Store } from './store/store.ts';
import { hasUsers } from './store/users.ts';
import type { Workspace } from './store/workspace.ts';
import { WorkspaceFeed } from './store/workspace-feed.ts';
import type { WorkspaceShape } from './store/workspace-shape.ts';

/** How soon it is tried again to write into a database that was away. */
const RETRY_MS = 1_000;

const WITHOUT_DATABASE =
  'The database cannot be reached. Events are taken and delivered as the last configuration on this disk says, until it is back.';
const NOT_APPLIED = 'The workspace file was not applied when the database was back.';

export interface ControlStoreOptions {
  readonly config: Config;
  /** The workspace file, when there is one. */
  readonly file: WorkspaceShape | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly passwords: Passwords;
  /** Has the lanes work from a workspace. May wait until there are lanes. */
  readonly deliver: (workspace: Workspace) => Promise<void>;
  /** Mails invitations. May wait until the server's address is known. */
  readonly invite: (invitations: readonly FileInvitation[]) => Promise<void>;
}

/** The control store with what the operator gave written into it, and the workspace that comes out of it. */
export interface ControlStore {
  readonly store: Store;
  readonly secretKey: SecretKey;
  /** What is in force now. */
  workspace(): Workspace;
  /** Whether nobody has an account yet. */
  isNew(): Promise<boolean>;
  /**
   * Writes a workspace file into the store. Resolves when it is in force: with false when some of it cannot be, which was
   * logged.
   *
   * @throws FileConflict when it contradicts what is stored; then nothing of it was applied.
   */
  apply(file: WorkspaceShape): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens the control store, writes the workspace file into it, and makes the first owner where the settings name one. While
 * PostgreSQL cannot be reached it goes on with what was in force last on this machine, and does the rest when it is back.
 *
 * @throws when there is nothing to begin with, or the file contradicts what is stored.
 */
export async function openControlStore(options: ControlStoreOptions): Promise<ControlStore> {
  const { config, file, clock, logger, deliver } = options;
  const { databaseUrl, data: dataDirectory } = config;
  const secretKey = readSecretKey(config.secretKey, dataDirectory);
  const store = new PatientStore({ databaseUrl, dataDirectory, clock, secretKey, logger });
  const sealed = databaseUrl === undefined ? undefined : new SealedConfiguration(dataDirectory, secretKey);
  const feed = new WorkspaceFeed({ store, clock, logger, sealed, deliver });
  const apply = async (workspace: WorkspaceShape) => {
    const invitations = await applyWorkspaceFile(store, workspace, {
      destinations: DESTINATIONS,
      invitationMs: LINKS.invitation.validMs,
      now: clock.now(),
    });
    if (invitations.length > 0) void options.invite(invitations);
  };
  const prepare = async () => {
    if (file !== undefined) await apply(file);
    await makeOwnerOfSettings(store, options);
  };
  let cancelRetry = () => {};
  const prepareLater = async () => {
    try {
      await prepare();
    } catch (error) {
      if (error instanceof DatabaseUnavailable)
        cancelRetry = clock.after(RETRY_MS, () => void prepareLater());
      else logger.error(NOT_APPLIED, {}, error);
    }
  };
  try {
    await begin();
  } catch (error) {
    await feed.stop();
    await store.close();
    throw error;
  }
  return {
    store,
    secretKey,
    workspace: () => feed.workspace,
    isNew: async () => store.isOpen && !(await hasUsers(store.db)),
    async apply(workspace) {
      await apply(workspace);
      return feed.refresh();
    },
    async close() {
      cancelRetry();
      await feed.stop();
      await store.close();
    },
  };

  async function begin(): Promise<void> {
    try {
      await store.open();
      await prepare();
      await feed.start();
    } catch (error) {
      const kept = error instanceof DatabaseUnavailable ? sealed?.read() : undefined;
      if (kept === undefined) throw error;
      logger.error(WITHOUT_DATABASE, { since: formatIsoTime(kept.at) }, error);
      feed.startWith(kept.workspace);
      if (!store.isOpen) store.keepTrying();
      void store.opened.then(prepareLater);
    }
  }
}
