import { Refusal } from '../refusal.ts';
import { refuseBeyond } from '../refuse-beyond.ts';
import type { Visit } from './visit.ts';

/** Where passwords, tokens and addresses could be guessed: each is counted by itself. */
type Surface =
  | 'sign in'
  | 'sign up'
  | 'confirm'
  | 'ask for reset'
  | 'reset'
  | 'own password'
  | 'set up'
  | 'invite';

/** Counts a guess; a Refusal when there were too many. `account` is the address, where one is named. */
export function countGuess({ services, address }: Visit, surface: Surface, account: string | null): void {
  refuseBeyond(services.guesses.take(surface, account, address), 'Too many tries.');
}

/** Checking passwords takes a core for a moment, so they queue; a queue that is too long is not joined. */
export function unlessBusy<T>(answer: T | 'busy'): T {
  if (answer === 'busy')
    throw new Refusal('RATE_LIMITED', 'Many people are signing in. Try again in a few seconds.');
  return answer;
}
