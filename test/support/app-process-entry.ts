import { DESTINATIONS } from '../../packages/destinations/src/index.ts';
import { startApp } from '../../packages/server/src/app.ts';
import { processEnvironment, readConfig } from '../../packages/server/src/platform/config.ts';
import { boundThreadsYoungObjects } from '../../packages/server/src/platform/heap.ts';
import { createLogger } from '../../packages/server/src/platform/logger.ts';
import { startUpText } from '../../packages/server/src/platform/start-up-text.ts';
import {
  type FromLanes,
  QUESTIONS,
  type Question,
  toLanes,
} from '../../packages/server/src/router/messages.ts';
import { readWorkspaceFile } from '../../packages/server/src/store/workspace-file.ts';

/** The entry of an app process: the server as main.ts puts it together, and answers to what its parent asks. */

boundThreadsYoungObjects();
const configuration = readConfig(process.argv.slice(2), processEnvironment());
if (configuration.kind !== 'config') throw new Error(`No configuration: ${JSON.stringify(configuration)}`);
const { config } = configuration;
const app = await startApp({
  config,
  file: readFile(config.workspace),
  logger: createLogger(config.logLevel),
  onFailure: (error) => {
    throw error;
  },
});
process.on('SIGTERM', () => void app.stop().then(() => process.exit(0)));
process.on('message', (received) => {
  const message = toLanes.parse(received);
  if (message.kind === 'ask') void answer(message.id, message.name, message.given);
});
process.stdout.write(startUpText(config, app));

function readFile(file: string | undefined) {
  if (file === undefined) return undefined;
  const reading = readWorkspaceFile(file, processEnvironment(), [...DESTINATIONS.values()]);
  if (reading.kind === 'complaints') throw new Error(reading.complaints.join('\n'));
  return reading.workspace;
}

function questionOf(name: string): Question<unknown, unknown> {
  const questions: readonly Question<unknown, unknown>[] = Object.values(QUESTIONS);
  const question = questions.find((one) => one.name === name);
  if (question === undefined) throw new Error(`There is no question '${name}'`);
  return question;
}

async function answer(id: number, name: string, given: unknown): Promise<void> {
  try {
    tell({ kind: 'answer', id, answer: await app.lanes.ask(questionOf(name), given) });
  } catch (error) {
    tell({ kind: 'refused', id, message: error instanceof Error ? error.message : String(error) });
  }
}

function tell(message: FromLanes): void {
  process.send?.(message);
}
