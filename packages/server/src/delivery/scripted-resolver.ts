import type { LookupAddress } from 'node:dns';
import type { Resolve } from './cached-lookup.ts';

/** A resolver for tests: names answer as they are told to, and names that were told nothing hang. */
export class ScriptedResolver {
  /** The names that were looked up, in that order. */
  readonly asked: string[] = [];
  readonly #answers = new Map<string, () => Promise<readonly LookupAddress[]>>();
  readonly #hanging = new Map<string, (addresses: readonly LookupAddress[]) => void>();

  /** From now on the name has this address. One that hangs is answered. */
  answer(name: string, address: string): void {
    const addresses = [{ address, family: address.includes(':') ? 6 : 4 }];
    this.#answers.set(name, () => Promise.resolve(addresses));
    this.#hanging.get(name)?.(addresses);
  }

  /** From now on looking the name up fails with this code, like `EAI_AGAIN`. */
  fail(name: string, code: string): void {
    this.#answers.set(name, () => Promise.reject(Object.assign(new Error(`${code} ${name}`), { code })));
  }

  /** From now on looking the name up never ends. */
  hang(name: string): void {
    this.#answers.delete(name);
  }

  readonly resolve: Resolve = (name) => {
    this.asked.push(name);
    const hang = () => {
      const { promise, resolve } = Promise.withResolvers<readonly LookupAddress[]>();
      this.#hanging.set(name, resolve);
      return promise;
    };
    return (this.#answers.get(name) ?? hang)();
  };
}
