import { randomUUID } from 'node:crypto';
import { RejectedSamples } from './activity/rejected-samples.ts';
import { createDoor } from './ingest/door.ts';
import { logReport } from './log/segments/damage.ts';
import { lockDirectory } from './log/segments/directory-lock.ts';
import { openSegmentLog } from './log/segments/open-log.ts';
import { systemClock } from './platform/clock.ts';
import type { Logger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { isInNetworks } from './platform/network.ts';
import { operationsRoutes } from './platform/operations.ts';
import type { Config } from './platform/settings.ts';
import { createWebServer } from './platform/web-server.ts';
import { keepLanesRunning } from './router/lane-keeper.ts';
import { deliverySnapshot } from './router/ledger.ts';
import { QUESTIONS } from './router/messages.ts';
import type { RouterClient } from './router/router-client.ts';
import { settingsRoutes } from './sdk/settings-routes.ts';
import type { Workspace } from './store/workspace.ts';

/**
 * Until the lanes stand at their places nothing is taken in: a lane that a lost log sets back must be set back
 * before the log goes on.
 */
const STARTING = Promise.resolve({ kind: 'refused', why: 'starting' } as const);

export interface AppOptions {
  readonly config: Config;
  readonly workspace: Workspace;
  readonly logger: Logger;
  /** Called once when a disk or a thread failed: nothing is acknowledged any more and the process must end. */
  readonly onFailure: (error: Error) => void;
}

/** The running server. */
export interface App {
  readonly port: number;
  /** Answers what only the lanes know, and does what only they can do. */
  readonly lanes: Pick<RouterClient, 'ask'>;
  /** Works from this workspace from now on: at the door at once, in the lanes within 5 seconds, when it resolves. */
  apply(workspace: Workspace): Promise<void>;
  /** Finishes what is under way, makes it durable, frees the data directory. */
  stop(): Promise<void>;
}

/**
 * Puts all features together and listens. The only place that knows every one of them.
 *
 * @throws DirectoryInUse when another process works in the data directory.
 */
export async function startApp({ config, logger, onFailure, ...options }: AppOptions): Promise<App> {
  let { workspace } = options;
  const clock = systemClock;
  let isReady = false;
  const fail = (error: Error) => {
    isReady = false;
    onFailure(error);
  };
  let lanes: RouterClient | undefined;
  const lock = lockDirectory(config.data);
  const nameOf = (id: string) => {
    const source = workspace.sources.get(id);
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
  const door = createDoor({
    log: { append: (records) => (lanes === undefined ? STARTING : log.append(records)) },
    workspace: () => workspace,
    clock,
    newId: randomUUID,
    eventBytesMax: config.eventBytesMax,
    sourceEventsPerSecond: config.sourceEventsPerSecond,
    trustedProxies: isInNetworks(config.trustedProxies),
    observe: metrics,
    rejected: new RejectedSamples(clock),
    onBug,
  });
  const server = createWebServer(door, clock, onBug);
  operationsRoutes(server.routes, { isReady: () => isReady, metrics });
  settingsRoutes(server.routes, { workspace: () => workspace, publicUrl: config.publicUrl });
  const port = await server.listen(config.host, config.port);
  const router = await keepLanesRunning({
    clock,
    directory: config.data,
    shared,
    pipelines: () => workspace.pipelines,
    dedupWindowMs: config.dedupWindowMs,
    starts,
    allowPrivate: [...config.allowPrivate],
    ownPorts: [port],
    report: (level, message, fields) => logger[level](message, fields),
    onFailure: fail,
  });
  lanes = router;
  isReady = true;
  return {
    port,
    lanes: router,
    async apply(next) {
      workspace = next;
      await router.ask(QUESTIONS.apply, next.pipelines);
    },
    async stop() {
      isReady = false;
      await server.close();
      await log.close();
      await router.stop();
      lock.release();
    },
  };
}
