import { setTimeout as pause } from 'node:timers/promises';
import { ledgersOn, metricsPage } from './metrics.ts';

/** Between two looks, in milliseconds. */
const LOOK_EVERY_MS = 100;

/** Looks at every pipeline's ledger ten times a second, for as long as it runs. */
export interface LedgerWatch extends AsyncDisposable {
  /** How many ledgers it has seen. */
  readonly seen: () => number;
  /** What it saw where accepted was not delivered + filtered + dead + pending. */
  readonly wrong: readonly string[];
  /** Resolves when it has ended. Rejects when a page was not what it should be. */
  stop(): Promise<void>;
}

/** Watches the ledgers of the server that `url` names at that moment. While none answers there is nothing to see. */
export function watchLedgers(url: () => string): LedgerWatch {
  const wrong: string[] = [];
  let seen = 0;
  let stopping = false;

  async function look(): Promise<void> {
    const page = await metricsPage(url()).catch(() => '');
    for (const [pipeline, terms] of ledgersOn(page)) {
      const { accepted, delivered, filtered, dead, pending } = terms;
      seen += 1;
      if (accepted !== delivered + filtered + dead + pending)
        wrong.push(`${pipeline}: ${JSON.stringify(terms)}`);
    }
  }

  async function lookOn(): Promise<void> {
    while (!stopping) await Promise.all([look(), pause(LOOK_EVERY_MS)]);
  }

  const looking = lookOn();
  // A test may end before it stops this; that must not count as an unhandled rejection.
  looking.catch(() => undefined);
  const stop = () => {
    stopping = true;
    return looking;
  };
  return {
    seen: () => seen,
    wrong,
    stop,
    [Symbol.asyncDispose]: () => stop().catch(() => undefined),
  };
}
