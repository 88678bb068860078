import { randomUUID } from 'node:crypto';
import { DoorCounts } from './activity/door-counts.ts';
import { LiveFeed } from './activity/live-feed.ts';
import { RejectedSamples } from './activity/rejected-samples.ts';
import { controlRoutes } from './control/control-routes.ts';
import { setUpLink } from './control/mails/links.ts';
import { Refusal } from './control/refusal.ts';
import { controlServices } from './control-services.ts';
import type { ControlStoreOptions } from './control-store.ts';
import { doorObserver } from './door-observer.ts';
import { clientAddress } from './ingest/client-address.ts';
import { createDoor } from './ingest/door.ts';
import { logReport } from './log/segments/damage.ts';
import { lockDirectory } from './log/segments/directory-lock.ts';
import { openSegmentLog } from './log/segments/open-log.ts';
import { systemClock } from './platform/clock.ts';
import { localUrl } from './platform/local-url.ts';
import type { Logger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { isInNetworks } from './platform/network.ts';
import { operationsRoutes } from './platform/operations.ts';
import { Passwords } from './platform/passwords.ts';
import type { Config } from './platform/settings.ts';
import { createWebServer } from './platform/web-server.ts';
import { mailInvitations, openMailer } from './post.ts';
import { keepLanesRunning } from './router/lane-keeper.ts';
import { deliverySnapshot } from './router/ledger.ts';
import { QUESTIONS, type Question, type Report } from './router/messages.ts';
import type { RouterClient } from './router/router-client.ts';
import { settingsRoutes } from './sdk/settings-routes.ts';
import type { Workspace } from './store/workspace.ts';
import type { WorkspaceShape } from './store/workspace-shape.ts';
import { startUpkeep } from './upkeep.ts';

/**
 * Until the lanes stand at their places nothing is taken in: a lane that a lost log sets back must be set back
 * before the log goes on.
 */
const STARTING = Promise.resolve({ kind: 'refused', why: 'starting' } as const);

export interface AppOptions {
  readonly config: Config;
  /** The workspace file, when there is one: it is written into the control store. */
  readonly file: WorkspaceShape | undefined;
  readonly logger: Logger;
  /** Called once when a disk or a thread failed: nothing is acknowledged any more and the process must end. */
  readonly onFailure: (error: Error) => void;
}

/** The running server. */
export interface App {
  readonly port: number;
  /** What the door and the lanes work from when it starts. */
  readonly workspace: Workspace;
  /** For whoever started it, while nobody has an account: opening it makes the first one. */
  readonly setUpLink: string | undefined;
  /** Answers what only the lanes know, and does what only they can do. */
  readonly lanes: Pick<RouterClient, 'ask'>;
  /**
   * Writes a workspace file into the control store: in force at the door at once, and in the lanes within 5 seconds, when
   * it resolves; with false when some of it cannot be, which was logged.
   *
   * @throws FileConflict when it contradicts what is stored; then nothing of it was applied.
   */
  apply(file: WorkspaceShape): Promise<boolean>;
  /** Finishes what is under way, makes it durable, frees the data directory. */
  stop(): Promise<void>;
}

/**
 * Puts all features together and listens. The only place that knows every one of them.
 *
 * @throws DirectoryInUse when another process works in the data directory.
 */
export async function startApp({ config, file, logger, onFailure }: AppOptions): Promise<App> {
  const clock = systemClock;
  let isReady = false;
  const fail = (error: Error) => {
    isReady = false;
    onFailure(error);
  };
  const report: Report = (level, message, fields) => logger[level](message, fields);
  let lanes: RouterClient | undefined;
  const lanesRun = Promise.withResolvers<RouterClient>();
  const listening = Promise.withResolvers<string>();
  let publicUrl = '';
  const lock = lockDirectory(config.data);
  const passwords = new Passwords();
  const mailer = openMailer(config, clock, logger);
  const nameOf = (id: string) => {
    const source = controlStore.workspace().sources.get(id);
    return source === undefined ? '' : `${source.organization}/${source.name}`;
  };
  const snapshot = async () =>
    deliverySnapshot(await lanes?.ask(QUESTIONS.snapshot, undefined), log.sequences());
  const metrics = createMetrics(snapshot, nameOf);
  const storeOptions: ControlStoreOptions = {
    ...{ config, file, clock, logger, passwords },
    deliver: async ({ pipelines }) => (await lanesRun.promise).ask(QUESTIONS.apply, pipelines),
    invite: async (invitations) => mailInvitations(invitations, await listening.promise, mailer),
  };
  const [{ log, shared }, controlStore] = await Promise.all([
    openSegmentLog({
      directory: config.data,
      retention: config.retention,
      diskReserveBytes: config.diskReserve,
      report: logReport(report),
      observeCommit: (seconds) => metrics.logCommitSeconds(seconds),
      onFailure: fail,
    }),
    // The database's client is hundreds of files: they are read while the log's thread starts.
    import('./control-store.ts').then(({ openControlStore }) => openControlStore(storeOptions)),
  ]);
  const { workspace } = controlStore;
  // Asked before the first event can come in: a pipeline that never ran begins here.
  const starts = () => [{ position: log.head(), sequences: new Map(log.sequences()) }];
  const onBug = (error: unknown) =>
    logger.error('A request met an error of ours and was answered 500. Please report it.', {}, error);
  async function ask<Given, Answer>(question: Question<Given, Answer>, given: Given): Promise<Answer> {
    if (lanes === undefined)
      throw new Refusal('UNAVAILABLE', 'The lanes are starting: ask again in a second.');
    return await lanes.ask(question, given);
  }
  const doorCounts = new DoorCounts({ clock, keep: (counts) => ask(QUESTIONS.takeFromDoor, counts) });
  const live = new LiveFeed(clock);
  const rejected = new RejectedSamples(clock, (sample) => live.rejected(sample));
  const isTrustedProxy = isInNetworks(config.trustedProxies);
  const door = createDoor({
    log: { append: (records) => (lanes === undefined ? STARTING : log.append(records)) },
    workspace,
    clock,
    newId: randomUUID,
    eventBytesMax: config.eventBytesMax,
    sourceEventsPerSecond: config.sourceEventsPerSecond,
    trustedProxies: isTrustedProxy,
    observe: doorObserver(metrics, doorCounts),
    live,
    rejected,
    onBug,
  });
  const server = createWebServer(door, clock, onBug);
  operationsRoutes(server.routes, { isReady: () => isReady, metrics });
  settingsRoutes(server.routes, { workspace, publicUrl: config.publicUrl });
  const services = controlServices({
    config,
    clock,
    controlStore,
    passwords,
    mailer,
    publicUrl: () => publicUrl,
    ask,
    ledger: async () => (await snapshot()).ledger,
    live,
    rejected,
    doorCounts,
    logger,
    onBug,
  });
  const control = controlRoutes(server.routes, {
    services,
    addressOf: (request) => clientAddress(request, isTrustedProxy) ?? '',
  });
  const port = await server.listen(config.host, config.port);
  publicUrl = config.publicUrl ?? localUrl(config.host, port);
  listening.resolve(publicUrl);
  const router = await keepLanesRunning({
    clock,
    directory: config.data,
    shared,
    pipelines: () => workspace().pipelines,
    dedupWindowMs: config.dedupWindowMs,
    starts,
    allowPrivate: [...config.allowPrivate],
    ownPorts: [port],
    report,
    onFailure: fail,
  });
  lanes = router;
  lanesRun.resolve(router);
  isReady = true;
  const upkeep = await startUpkeep({ services, ask, config, logger });
  return {
    port,
    workspace: workspace(),
    setUpLink: (await controlStore.isNew()) ? setUpLink(publicUrl, services.setUp.token) : undefined,
    lanes: router,
    apply: (next) => controlStore.apply(next),
    async stop() {
      isReady = false;
      await upkeep.stop();
      await control.close();
      await server.close();
      await log.close();
      await doorCounts.stop();
      await router.stop();
      await services.background.settled();
      await mailer.stop();
      await controlStore.close();
      lock.release();
    },
  };
}
