import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordingReceiver, startRecordingReceiver } from '../support/recording-receiver.ts';
import { startServer } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { Sdk, Target } from './sdk.ts';

/** The real process with a source for each SDK, whose events go to a receiver of its own. */
export interface SdkSystem extends AsyncDisposable {
  /** Where an SDK sends to, and with which write key. */
  target(sdk: Sdk): Target;
  /** What an SDK's events are delivered to. */
  receiver(sdk: Sdk): RecordingReceiver;
}

/** Starts it, with its files in a directory of their own and these settings. */
export async function startSdkSystem(
  sdks: readonly Sdk[],
  environment: Readonly<Record<string, string>> = {},
): Promise<SdkSystem> {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const receivers = new Map<Sdk, RecordingReceiver>();
  for (const sdk of sdks) receivers.set(sdk, opened.use(await startRecordingReceiver()));
  const receiver = (sdk: Sdk) => receivers.get(sdk) ?? missing(sdk);
  const connections = sdks.map((sdk) => ({
    name: sdk.name,
    destination: 'webhooks',
    details: { urls: [receiver(sdk).url] },
  }));
  const sources = sdks.map((sdk) => ({
    name: sdk.name,
    platform: sdk.platform,
    writeKey: writeKeyOf(sdk),
    pipelines: [{ name: sdk.name, destination: 'webhooks', connection: sdk.name }],
  }));
  const workspace = join(directory.path, 'workspace.yaml');
  // JSON is YAML.
  const content = { version: 1, organizations: [{ name: 'Acme', connections, sources }] };
  await writeFile(workspace, JSON.stringify(content));
  const server = opened.use(
    await startServer({ workspace, data: join(directory.path, 'data'), environment }),
  );
  const all = opened.move();
  return {
    target: (sdk) => ({ url: server.url, writeKey: writeKeyOf(sdk) }),
    receiver,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function writeKeyOf({ name }: Sdk): string {
  return `key-of-${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}

function missing({ name }: Sdk): never {
  throw new Error(`${name} has no receiver`);
}
