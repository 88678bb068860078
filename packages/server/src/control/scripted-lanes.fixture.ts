import type { Lanes } from './ports.ts';

/** Lanes that write down what they are asked, and answer what a test has scripted. */
export class ScriptedLanes implements Lanes {
  /** What was asked: the method, and what it was given. */
  readonly asked: (readonly [method: string, wish: unknown])[] = [];
  /** What is answered. Asking anything else is an error. */
  script: Partial<Lanes> = {};

  trace: Lanes['trace'] = (wish) => this.#ask('trace', wish, this.script.trace);
  deadLetters: Lanes['deadLetters'] = (wish) => this.#ask('deadLetters', wish, this.script.deadLetters);
  reasons: Lanes['reasons'] = (wish) => this.#ask('reasons', wish, this.script.reasons);
  redeliver: Lanes['redeliver'] = (wish) => this.#ask('redeliver', wish, this.script.redeliver);
  replay: Lanes['replay'] = (wish) => this.#ask('replay', wish, this.script.replay);
  replays: Lanes['replays'] = (wish) => this.#ask('replays', wish, this.script.replays);
  changeReplay: Lanes['changeReplay'] = (wish) => this.#ask('changeReplay', wish, this.script.changeReplay);
  ledger: Lanes['ledger'] = () => this.#ask('ledger', undefined, this.script.ledger);
  preview: Lanes['preview'] = (wish) => this.#ask('preview', wish, this.script.preview);
  testConnection: Lanes['testConnection'] = (wish) =>
    this.#ask('testConnection', wish, this.script.testConnection);
  recent: Lanes['recent'] = (wish) => this.#ask('recent', wish, this.script.recent);
  counts: Lanes['counts'] = (wish) => this.#ask('counts', wish, this.script.counts);

  /** Forgets what was asked, and takes other answers. */
  rehearse(script: Partial<Lanes>): void {
    this.asked.length = 0;
    this.script = script;
  }

  #ask<Wish, Answer>(
    method: string,
    wish: Wish,
    answer: ((wish: Wish) => Promise<Answer>) | undefined,
  ): Promise<Answer> {
    this.asked.push([method, wish]);
    if (answer === undefined) throw new Error(`no answer to ${method} is scripted`);
    return answer(wish);
  }
}
