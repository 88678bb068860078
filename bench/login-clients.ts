// People who sign in, a process of its own: so many at the same time, each of whom tries again a second after being answered.
// Each try is for another account from another address, so that it is not the limits on guessing that are measured. Nobody
// has such an account: an unknown one takes as long as a known one. Prints `signing in` after the first answers.
import { setTimeout as pause } from 'node:timers/promises';

const [port, clients] = process.argv.slice(2).map(Number);
const AGAIN_AFTER_MS = 1_000;
const QUERY =
  'mutation ($username: String!) { createToken(username: $username, password: "correct horse") { code } }';
let tries = 0;
let answered = 0;

await Promise.all(Array.from({ length: clients ?? 0 }, signInForEver));

async function signInForEver(): Promise<never> {
  for (;;) {
    await signIn(tries++);
    answered += 1;
    if (answered === clients) console.log('signing in');
    await pause(AGAIN_AFTER_MS);
  }
}

async function signIn(number: number): Promise<void> {
  const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ query: QUERY, variables: { username: `someone-${number}@example.com` } }),
  });
  const text = await response.text();
  const isTried = /"code":"(UNAUTHENTICATED|RATE_LIMITED)"/.test(text);
  if (!isTried) throw new Error(`signing in was answered ${response.status} ${text}`);
}
