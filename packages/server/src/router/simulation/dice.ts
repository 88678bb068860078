import type { Random } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/seeded-random.ts';

/** What a seed decides. */
export class Dice {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  /** A number of any order of magnitude between two that are above zero. */
  magnitude(least: number, most: number): number {
    return least * (most / least) ** this.random();
  }

  /** One of these, which are not none. */
  pick<T>(choices: readonly T[]): T {
    const picked = choices[this.whole(0, choices.length - 1)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }

  /** Dice of their own, so that what they decide does not depend on how often others are thrown. */
  more(): Dice {
    return new Dice(this.whole(0, 2 ** 31));
  }
}
