import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openControl } from './control.fixture.ts';
import { smallSchema } from './small-schema.fixture.ts';

test('nothing of GraphQL is loaded before the first request', () => {
  const routes = fileURLToPath(new URL('control-routes.ts', import.meta.url));
  const program = `
    await import(${JSON.stringify(routes)});
    const { default: module } = await import('node:module');
    console.log(Object.keys(module._cache).filter((file) => /graphql|apollo|pothos/.test(file)).length);
    await import('graphql');
    console.log(Object.keys(module._cache).filter((file) => /graphql/.test(file)).length > 0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toBe('0\ntrue\n');
});

test('a schema is put together once, by whichever request is first', async () => {
  let times = 0;
  await using control = await openControl(async () => {
    times += 1;
    return smallSchema();
  });
  expect(times).toBe(0);
  const ask = () =>
    fetch(`${control.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ thing { name } }"}',
    });
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(times).toBe(1);
});

test('a client that goes away in the middle of a request is no bug', async () => {
  await using control = await openControl(async () => smallSchema());
  const { hostname, port } = new URL(control.url);
  const socket = connect(Number(port), hostname);
  const head =
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  await new Promise<void>((resolve) => socket.end(resolve));
  socket.destroy();
  const { status } = await fetch(`${control.url}/explorer`);
  expect(status).toBe(200);
  expect(control.bugs).toEqual([]);
});

test('a stop before any request has nothing to wait for', async () => {
  const control = await openControl(async () => smallSchema());
  await control[Symbol.asyncDispose]();
  expect(control.bugs).toEqual([]);
});
