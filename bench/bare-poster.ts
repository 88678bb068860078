// What undici can do when it has nothing to do: posts ready bodies to a receiver over 64 connections until it is
// ended. The baseline of the end-to-end benchmark, a process of its own.
//
//   node bench/bare-poster.ts PORT
import { Pool } from 'undici';
import { trackEvent } from './prepared-request.ts';

const CONNECTIONS = 64;
const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, { connections: CONNECTIONS });
const headers = { 'content-type': 'application/json' };

async function postOn(body: string): Promise<never> {
  for (;;) {
    const answer = await pool.request({ method: 'POST', path: '/hook', headers, body });
    await answer.body.dump();
  }
}

await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => postOn(trackEvent(number, 0))));
