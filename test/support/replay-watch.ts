import type { ReplayStatus } from '../../packages/server/src/activity/delivery-views.ts';
import { QUESTIONS } from '../../packages/server/src/router/messages.ts';
import type { AppProcess } from './app-process.ts';
import { eventually } from './eventually.ts';

const DONE_TIMEOUT_MS = 60_000;

/** What is to be replayed: times in milliseconds since 1970, the second one left out. */
interface Wish {
  readonly pipeline: string;
  readonly from: number;
  readonly until: number;
}

/** Begins a replay; resolves with its id. Rejects when the pipeline does not run. */
export async function beginReplay(app: AppProcess, wish: Wish): Promise<string> {
  const status = await app.ask(QUESTIONS.replay, wish);
  if (status === undefined) throw new Error(`${wish.pipeline} does not run`);
  return status.id;
}

/** How a replay stands. */
export async function replayStatus(app: AppProcess, id: string): Promise<ReplayStatus> {
  const status = (await app.ask(QUESTIONS.replays, {})).find((one) => one.id === id);
  if (status === undefined) throw new Error(`There is no replay ${id}`);
  return status;
}

/** Looks at a replay until it is done; resolves with what was seen, in that order. */
export async function watchReplay(app: AppProcess, id: string): Promise<readonly ReplayStatus[]> {
  const seen: ReplayStatus[] = [];
  await eventually(
    () => `done: ${JSON.stringify(seen.at(-1))}\n${app.output()}`,
    async () => {
      const status = await replayStatus(app, id);
      seen.push(status);
      return status.state === 'done';
    },
    DONE_TIMEOUT_MS,
  );
  return seen;
}
