import { QUESTIONS, type Question } from './messages.ts';
import type { Router } from './router.ts';

/** Answers a question by its name; `given` is what came with it. Throws when there is no such question. */
type Answers = (name: string, given: unknown) => unknown;

/** The router's side of `QUESTIONS`. What it returns may be a promise. */
export function answersOf(router: Router): Answers {
  const answers = new Map<string, (given: unknown) => unknown>();
  const answer = <Given, Answer>(
    { name, given }: Question<Given, Answer>,
    reply: (given: Given) => Answer | Promise<Answer>,
  ) => answers.set(name, (raw) => reply(given.parse(raw)));

  answer(QUESTIONS.alive, () => undefined);
  answer(QUESTIONS.snapshot, () => router.snapshot());
  answer(QUESTIONS.apply, (pipelines) => router.apply(pipelines));
  answer(QUESTIONS.forgetOthers, (stored) => router.forgetOthers(stored));
  answer(QUESTIONS.trace, ({ source, messageId }) => [...router.trace(source, messageId)]);
  answer(QUESTIONS.deadLetters, ({ choice, ...page }) => [...router.deadLetters(choice, page)]);
  answer(QUESTIONS.preview, (wish) => router.trials.preview(wish));
  answer(QUESTIONS.testConnection, (connection) => router.trials.testConnection(connection));
  answer(QUESTIONS.recent, (wish) => router.recent.page(wish));
  answer(QUESTIONS.counts, (wish) => [...router.counts.of(wish)]);
  answer(QUESTIONS.outages, () => router.outages.all());
  answer(QUESTIONS.takeFromDoor, (counts) => router.counts.takeFromDoor(counts));
  answer(QUESTIONS.reasons, (pipeline) => [...router.reasons(pipeline)]);
  answer(QUESTIONS.redeliver, (choice) => router.redeliver(choice));
  answer(QUESTIONS.replay, (wish) => router.replay(wish));
  answer(QUESTIONS.replays, ({ pipeline }) => [...router.replays(pipeline)]);
  answer(QUESTIONS.changeReplay, ({ id, to }) => router.changeReplay(id, to));

  return (name, given) => {
    const reply = answers.get(name);
    if (reply === undefined) throw new Error(`the lanes have no answer to '${name}'`);
    return reply(given);
  };
}
