import { randomUUID } from 'node:crypto';
import { DoorCounts } from './activity/door-counts.ts';
import { LiveFeed } from './activity/live-feed.ts';
import { RejectedSamples } from './activity/rejected-samples.ts';
import { controlRoutes } from './control/control-routes.ts';
import { setUpLink } from './control/mails/links.ts';
import { Refusal } from './control/refusal.ts';
import { controlServices } from './control-services.ts';
import { openControlStore } from './control-store.ts';
import { createMailer } from './delivery/mailer.ts';
import { mailInvitations } from './file-invitations.ts';
import { clientAddress } from './ingest/client-address.ts';
import { createDoor } from './ingest/door.ts';
import { logReport } from './log/segments/damage.ts';
import { lockDirectory } from './log/segments/directory-lock.ts';
import { openSegmentLog } from './log/segments/open-log.ts';
import { systemClock } from './platform/clock.ts';
import { localUrl } from './platform/local-url.ts';
import type { Logger } from './platform/logger.ts';
import { standardMailSender } from './platform/mail-address.ts';
import { createMetrics } from './platform/metrics.ts';
import { isInNetworks } from './platform/network.ts';
import { operationsRoutes } from './platform/operations.ts';
import { Passwords } from './platform/passwords.ts';
import type { Config } from './platform/settings.ts';
import { createWebServer } from './platform/web-server.ts';
import { keepLanesRunning } from './router/lane-keeper.ts';
import { deliverySnapshot } from './router/ledger.ts';
import { QUESTIONS, type Question } from './router/messages.ts';
import type { RouterClient } from './router/router-client.ts';
import { settingsRoutes } from './sdk/settings-routes.ts';
import type { Workspace } from './store/workspace.ts';
import type { WorkspaceShape } from './store/workspace-shape.ts';

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
  let lanes: RouterClient | undefined;
  const lanesRun = Promise.withResolvers<RouterClient>();
  const listening = Promise.withResolvers<number>();
  let publicUrl = '';
  const lock = lockDirectory(config.data);
  const passwords = new Passwords();
  const sender = standardMailSender(config.smtpServer?.credentials?.user, config.publicUrl);
  const mailer = createMailer({
    clock,
    logger,
    dataDirectory: config.data,
    from: config.mailFrom ?? sender,
    server: config.smtpServer,
  });
  const controlStore = await openControlStore({
    config,
    file,
    clock,
    logger,
    passwords,
    deliver: async ({ pipelines }) => (await lanesRun.promise).ask(QUESTIONS.apply, pipelines),
    async invite(invitations) {
      await listening.promise;
      await mailInvitations(invitations, publicUrl, mailer);
    },
  });
  const workspace = controlStore.workspace;
  const nameOf = (id: string) => {
    const source = workspace().sources.get(id);
    return source === undefined ? '' : `${source.organization}/${source.name}`;
  };
  const snapshot = async () =>
    deliverySnapshot(await lanes?.ask(QUESTIONS.snapshot, undefined), log.sequences());
  const metrics = createMetrics(snapshot, nameOf);
  const { log, shared } = await openSegmentLog({
    directory: config.data,
    retention: config.retention,
    diskReserveBytes: config.diskReserve,
    report: logReport((level, message, fields) => logger[level](message, fields)),
    observeCommit: (seconds) => metrics.logCommitSeconds(seconds),
    onFailure: fail,
  });
  // Asked before the first event can come in: a pipeline that never ran begins here.
  const starts = () => [{ position: log.head(), sequences: new Map(log.sequences()) }];
  const onBug = (error: unknown) =>
    logger.error('A request met an error of ours and was answered 500. Please report it.', {}, error);
  async function ask<Given, Answer>(question: Question<Given, Answer>, given: Given): Promise<Answer> {
    if (lanes === undefined) throw new Refusal('UNAVAILABLE', 'The lanes are starting: ask again in a second.');
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
    observe: {
      accepted(source, count) {
        metrics.accepted(source, count);
        doorCounts.accepted(source, count);
      },
      rejected(source, reason, count) {
        metrics.rejected(source, reason, count);
        doorCounts.rejected(source, reason, count);
      },
      acceptSeconds: metrics.acceptSeconds,
    },
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
    onBug,
  });
  const control = controlRoutes(server.routes, {
    services,
    addressOf: (request) => clientAddress(request, isTrustedProxy) ?? '',
  });
  const port = await server.listen(config.host, config.port);
  publicUrl = config.publicUrl ?? localUrl(config.host, port);
  listening.resolve(port);
  const router = await keepLanesRunning({
    clock,
    directory: config.data,
    shared,
    pipelines: () => workspace().pipelines,
    dedupWindowMs: config.dedupWindowMs,
    starts,
    allowPrivate: [...config.allowPrivate],
    ownPorts: [port],
    report: (level, message, fields) => logger[level](message, fields),
    onFailure: fail,
  });
  lanes = router;
  lanesRun.resolve(router);
  isReady = true;
  return {
    port,
    workspace: workspace(),
    setUpLink: (await controlStore.isNew()) ? setUpLink(publicUrl, services.setUp.token) : undefined,
    lanes: router,
    apply: (next) => controlStore.apply(next),
    async stop() {
      isReady = false;
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
