import { expect, onTestFinished, test } from 'vitest';
import { forgetRemovedPipelines } from './forget-removed-pipelines.ts';
import { VirtualClock } from './platform/virtual-clock.ts';
import { eachDatabase } from './store/store.fixture.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

eachDatabase('removed pipelines', (open) => {
  test('the lanes are told a minute after a start and then once a day of all that are stored, and of nothing while the store cannot be read', async () => {
    const store = await open();
    const clock = new VirtualClock();
    const asked: unknown[] = [];
    const failures: unknown[] = [];
    let told = Promise.withResolvers<void>();
    const stop = forgetRemovedPipelines({
      clock,
      store: {
        get db() {
          if (asked.length === 1) throw new Error('out of reach');
          return store.db;
        },
      },
      async ask(question, given) {
        asked.push([question.name, given]);
        told.resolve();
        return question.answer.parse(undefined);
      },
      onFailure: (error) => {
        failures.push(error);
        told.resolve();
      },
    });
    onTestFinished(stop);
    await clock.pass(MINUTE_MS);
    await told.promise;
    expect(asked).toEqual([['forgetOthers', []]]);
    told = Promise.withResolvers<void>();
    await clock.pass(DAY_MS);
    await told.promise;
    expect([asked.length, failures]).toEqual([1, [new Error('out of reach')]]);
  });
});
