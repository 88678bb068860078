import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { type LoadedWorkspace, loadWorkspace, type UnreadablePipeline } from './load-workspace.ts';
import { Rerun } from './rerun.ts';
import type { SealedConfiguration } from './sealed-configuration.ts';
import type { Store } from './store.ts';
import type { Workspace } from './workspace.ts';

/** How often it is looked whether another process changed the store, and how soon a load that failed is tried again. */
const LOOK_EVERY_MS = 1_000;

export interface FeedOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Where the last good configuration is kept; given when the store is one that may be away and that others change. */
  readonly sealed: SealedConfiguration | undefined;
  /** Has the lanes work from a workspace. May wait until there are lanes. */
  readonly deliver: (workspace: Workspace) => Promise<void>;
}

/**
 * Keeps the workspace that the door and the lanes work from equal to the store: the door's at once after each change, the
 * lanes' as soon as they can. While the store cannot be read the last workspace stays in force.
 */
export class WorkspaceFeed {
  readonly #options: FeedOptions;
  readonly #loads = new Rerun(() => this.#bringUp());
  readonly #deliveries = new Rerun(() => this.#deliver());
  readonly #seals = new Rerun(() => this.#keep());
  readonly #reported = new Set<string>();
  readonly #stopListening: () => void;
  #workspace: Workspace = { sources: new Map(), pipelines: [] };
  #digest = '';
  #version: number | undefined;
  #trouble: unknown;
  #isInForce = true;
  #cancel = () => {};
  #hasStopped = false;

  /** It has to be started. */
  constructor(options: FeedOptions) {
    this.#options = options;
    this.#stopListening = options.store.onChange(() => void this.#loads.ask());
  }

  /** What is in force at the door. */
  get workspace(): Workspace {
    return this.#workspace;
  }

  /** Loads the workspace. Rejects when that is impossible; it may then begin with what was kept. */
  async start(): Promise<void> {
    await this.#loads.ask();
    if (this.#version === undefined) throw this.#trouble;
    this.#lookLater();
  }

  /** Goes on with what was kept, until the store can be read. */
  startWith(kept: Workspace): void {
    this.#workspace = kept;
    this.#digest = digestOf(kept);
    this.#lookLater();
  }

  /** Resolves when all that was changed before is in force in the lanes: with false when some of it cannot be, which was logged. */
  async refresh(): Promise<boolean> {
    await this.#loads.ask();
    await this.#deliveries.settled();
    return this.#trouble === undefined && this.#isInForce;
  }

  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#cancel();
    this.#stopListening();
    await this.#loads.settled();
    await this.#seals.settled();
  }

  #lookLater(): void {
    if (this.#hasStopped) return;
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, async () => {
      const isWorthALook = this.#options.sealed !== undefined || this.#trouble !== undefined;
      if (isWorthALook) await this.#loads.ask();
      this.#lookLater();
    });
  }

  /** Never rejects. */
  async #bringUp(): Promise<void> {
    const { store, logger } = this.#options;
    if (this.#hasStopped) return;
    try {
      // First: what is changed while it is loaded is loaded again.
      const version = await store.version();
      if (version !== this.#version) this.#take(await loadWorkspace(store));
      this.#version = version;
      if (this.#trouble !== undefined) logger.info('The control store is read again.');
      this.#trouble = undefined;
    } catch (error) {
      if (this.#trouble === undefined && this.#version !== undefined)
        logger.error(UNREADABLE_STORE, {}, error);
      this.#trouble = error;
    }
  }

  #take(loaded: LoadedWorkspace): void {
    const { unreadable, ...workspace } = loaded;
    this.#reportUnreadable(unreadable);
    const digest = digestOf(workspace);
    if (digest === this.#digest) return;
    const isFirst = this.#version === undefined && this.#digest === '';
    this.#workspace = workspace;
    this.#digest = digest;
    // The lanes begin with the first one by themselves.
    if (!isFirst) void this.#deliveries.ask();
    void this.#seals.ask();
  }

  async #deliver(): Promise<void> {
    try {
      await this.#options.deliver(this.#workspace);
      this.#isInForce = true;
    } catch (error) {
      this.#isInForce = false;
      if (!this.#hasStopped) this.#options.logger.error(PARTLY_IN_FORCE, {}, error);
    }
  }

  async #keep(): Promise<void> {
    const { sealed, clock, logger } = this.#options;
    try {
      await sealed?.write({ workspace: this.#workspace, at: clock.now() });
    } catch (error) {
      logger.error(NOT_KEPT, {}, error);
    }
  }

  #reportUnreadable(unreadable: readonly UnreadablePipeline[]): void {
    const now = new Set<string>();
    for (const { id, name, organization, connection, fields } of unreadable) {
      now.add(id);
      if (this.#reported.has(id)) continue;
      this.#reported.add(id);
      this.#options.logger.error(UNREADABLE_CREDENTIALS, {
        organization,
        connection,
        pipeline: name,
        fields: fields.join(', '),
      });
    }
    for (const id of this.#reported) if (!now.has(id)) this.#reported.delete(id);
  }
}

const UNREADABLE_STORE =
  'The control store cannot be read. The last configuration stays in force, and it is tried again each second.';
const PARTLY_IN_FORCE =
  'The configuration was changed. All of it is in force but what the error names: correct that.';
const NOT_KEPT =
  'The configuration could not be kept on this disk: while the database is away, a start would go on with an older one.';
const UNREADABLE_CREDENTIALS =
  'A pipeline stands still: credentials of its connection do not open with this secret key. Enter them again.';

function digestOf({ sources, pipelines }: Workspace): string {
  return createHash('sha256')
    .update(JSON.stringify([[...sources.values()], pipelines]))
    .digest('base64');
}
