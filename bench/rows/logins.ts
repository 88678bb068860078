import { WRITE_KEY } from '../../test/support/workspace-file.ts';
import { type Bench, startProduct } from '../bench-server.ts';
import { load, takeTurns, WARM_UP_SECONDS } from '../measure.ts';
import { startProgram } from '../program.ts';
import { atMost, type Result } from '../result.ts';

const TARGET = { reach: 1.5, goal: 1.1 };
const LOGINS = 50;
const CALLS_PER_SECOND = 200;
/** Longer than other rounds: of so few calls the slowest hundredth would be five, which a single slow sync decides. */
const LOGIN_ROUND_SECONDS = 8;
/** Each login comes from an address of its own, as the proxy in front of us says. */
const BEHIND_A_PROXY = { METAROUTER_TRUSTED_PROXIES: '127.0.0.0/8' };

/** How many times as long the slowest calls take while 50 people sign in at once, each of which takes a core for a moment. */
export async function logins(bench: Bench): Promise<readonly Result[]> {
  await using product = await startProduct(bench, {}, BEHIND_A_PROXY);
  const p99 = async () => {
    const times = { seconds: LOGIN_ROUND_SECONDS, 'warm-up': WARM_UP_SECONDS };
    const where = { port: product.port, path: '/v1/track', 'write-key': WRITE_KEY };
    return (await load({ ...where, connections: 16, rate: CALLS_PER_SECOND, ...times })).p99Ms;
  };
  const figures = await takeTurns({
    baseline: p99,
    async product() {
      await using people = startProgram('login-clients', String(product.port), String(LOGINS));
      await people.line(/^signing in$/m);
      return await p99();
    },
  });
  console.log(
    `logins: a p99 of ${figures.product.toFixed(2)} ms, without them ${figures.baseline.toFixed(2)} ms`,
  );
  return [atMost({ bench: 'logins', unit: '× p99', value: figures.product / figures.baseline }, TARGET)];
}
