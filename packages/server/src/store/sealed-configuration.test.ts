import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SealBroken } from '../platform/sealing.ts';
import { SealedConfiguration } from './sealed-configuration.ts';
import { testSecretKey } from './store.fixture.ts';
import type { Workspace } from './workspace.ts';

const CANARY = 'canary-in-a-coal-mine';

const WORKSPACE: Workspace = {
  sources: new Map([
    ['website', { id: 'website', name: 'Website', organization: 'Acme', platform: 'ios', enabled: true }],
  ]),
  pipelines: [
    {
      id: 'hooks',
      name: 'Hooks',
      source: 'website',
      destination: 'webhooks',
      connection: { urls: ['https://a.example'], headers: { authorization: CANARY } },
      config: { batchSize: 10 },
      filter: [{ name: 'Orders only', only: 'event = "Order Completed"' }],
      enabled: false,
    },
  ],
};

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'metarouter-sealed-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('what was kept is what is read, by whoever has the secret key', async () => {
  const path = directory();
  expect(new SealedConfiguration(path, testSecretKey()).read()).toBeUndefined();
  await new SealedConfiguration(path, testSecretKey()).write({ workspace: WORKSPACE, at: 1 });
  await new SealedConfiguration(path, testSecretKey()).write({ workspace: WORKSPACE, at: 2 });
  expect(new SealedConfiguration(path, testSecretKey()).read()).toEqual({ workspace: WORKSPACE, at: 2 });
  expect(() => new SealedConfiguration(path, testSecretKey(2)).read()).toThrow(SealBroken);
});

test("the file is its owner's alone, whole, and shows no credentials", async () => {
  const path = directory();
  await new SealedConfiguration(path, testSecretKey()).write({ workspace: WORKSPACE, at: 1 });
  expect(readdirSync(path)).toEqual(['configuration.sealed']);
  const file = join(path, 'configuration.sealed');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(CANARY);
});

test('a file that was altered is refused', async () => {
  const path = directory();
  const file = join(path, 'configuration.sealed');
  await new SealedConfiguration(path, testSecretKey()).write({ workspace: WORKSPACE, at: 1 });
  const sealed = readFileSync(file, 'utf8');
  writeFileSync(file, `${sealed.slice(0, -10)}${sealed.endsWith('AAAAAAAAAA') ? 'B' : 'A'.repeat(10)}`);
  expect(() => new SealedConfiguration(path, testSecretKey()).read()).toThrow(SealBroken);
});
