import { DESTINATIONS } from '@metarouter/destinations';
import { type App, startApp } from './app.ts';
import { systemClock } from './platform/clock.ts';
import { keepCompiledCode } from './platform/compiled-code.ts';
import { processEnvironment, readConfig } from './platform/config.ts';
import { boundThreadsYoungObjects } from './platform/heap.ts';
import { createLogger } from './platform/logger.ts';
import type { Config } from './platform/settings.ts';
import { startUpText } from './platform/start-up-text.ts';
import { FileConflict } from './store/file-change.ts';
import { readWorkspaceFile, type WorkspaceReading } from './store/workspace-file.ts';
import type { WorkspaceShape } from './store/workspace-shape.ts';

/** Answers that are on their way when the disk fails get so long to leave. */
const LAST_ANSWERS_MS = 200;
/** Signals that come closer together than a person can repeat one. */
const SAME_SIGNAL_MS = 300;
const HAS_FAULTS = 'The workspace file has faults, so nothing was changed. Correct it and signal again.';

boundThreadsYoungObjects();
const config = configuration();
const file = configuredFile(config);
const logger = createLogger(config.logLevel);
let app: App | undefined;
/** Whether a signal to read the workspace file again came before there was anything to apply it to. */
let isReloadWanted = false;
let stoppingSince: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));
// A terminal that is closed signals the same: then nobody is there any more.
process.on('SIGHUP', (signal) => void (process.stdout.isTTY ? stop(signal) : reload()));

try {
  app = await startApp({ config, file, logger, onFailure: giveUp });
  process.stdout.write(startUpText(config, app));
  keepCompiledCode();
  if (isReloadWanted) void reload();
} catch (error) {
  refuse([error instanceof Error ? error.message : String(error)]);
}

function configuration(): Config {
  const reading = readConfig(process.argv.slice(2), processEnvironment());
  switch (reading.kind) {
    case 'help':
      process.stdout.write(reading.help);
      return process.exit(0);
    case 'complaints':
      return refuse(reading.complaints);
    case 'config':
      return reading.config;
  }
}

function configuredFile({ workspace }: Config): WorkspaceShape | undefined {
  if (workspace === undefined) return undefined;
  const reading = readFile(workspace);
  return reading.kind === 'workspace' ? reading.workspace : refuse(reading.complaints);
}

function readFile(workspace: string): WorkspaceReading {
  return readWorkspaceFile(workspace, processEnvironment(), [...DESTINATIONS.values()]);
}

/** Reads the workspace file again and writes it into the control store; a file with a fault changes nothing. */
async function reload(): Promise<void> {
  if (config.workspace === undefined)
    return logger.warn('There is no workspace file to read again: MetaRouter was started without one.');
  if (app === undefined) {
    isReloadWanted = true;
    return;
  }
  const reading = readFile(config.workspace);
  if (reading.kind === 'complaints')
    return logger.error(HAS_FAULTS, { faults: reading.complaints.join('\n') });
  try {
    if (await app.apply(reading.workspace))
      logger.info('The workspace file was read again and is in force.', { file: config.workspace });
  } catch (error) {
    if (error instanceof FileConflict) logger.error(HAS_FAULTS, { faults: error.message });
    else logger.error('The workspace file could not be applied. Signal again.', {}, error);
  }
}

/** Nothing was started or changed; what is wrong is said at once. */
function refuse(complaints: readonly string[]): never {
  process.stderr.write(`MetaRouter did not start:\n${complaints.map((line) => `  ${line}\n`).join('')}`);
  process.exit(1);
}

async function stop(signal: string): Promise<void> {
  const now = systemClock.monotonic();
  if (stoppingSince !== undefined) {
    // A terminal signals to us and to the program that started us, which hands it on: twice is then once.
    if (now - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
    return;
  }
  stoppingSince = now;
  logger.info(
    'Stopping: finishing what is under way. A second signal stops at once; nothing accepted is lost.',
    { signal },
  );
  await app?.stop();
  process.exit(0);
}

/** The disk or a thread failed. Whoever restarts us finds everything that was acknowledged. */
function giveUp(error: Error): void {
  logger.error(
    'Cannot go on. Nothing is acknowledged any more; what was acknowledged is safe. Exiting.',
    {},
    error,
  );
  systemClock.after(LAST_ANSWERS_MS, () => process.exit(1));
}
