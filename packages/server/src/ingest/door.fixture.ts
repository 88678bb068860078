import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerOptions,
} from 'node:http';
import { EVENT_BYTES_DEFAULT, parseIsoTime } from '@metarouter/events';
import { LiveFeed } from '../activity/live-feed.ts';
import { RejectedSamples } from '../activity/rejected-samples.ts';
import type { AppendResult, LogAppender, NewRecord } from '../log/event-log.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { SOCKET_LIMITS } from '../platform/web-server.ts';
import type { Platform, Source } from '../store/workspace.ts';
import { createDoor, type DoorOptions } from './door.ts';
import type { DoorObserver } from './observer.ts';

/** When every request of the tests is received. */
export const RECEIVED_AT = '2026-03-01T12:00:00.000Z';

/** A log in memory that keeps what it is given, or answers as it is told. */
class RecordingLog implements LogAppender {
  readonly groups: (readonly NewRecord[])[] = [];
  next: () => Promise<AppendResult> = async () => ({ kind: 'stored' });

  async append(records: readonly NewRecord[]): Promise<AppendResult> {
    const result = await this.next();
    if (result.kind === 'stored') this.groups.push(records);
    return result;
  }

  get records(): readonly NewRecord[] {
    return this.groups.flat();
  }

  /** The stored events, as JSON.parse reads them. */
  get events(): Record<string, unknown>[] {
    return this.records.map(eventOf);
  }
}

/** The event that a record holds. */
export function eventOf({ pieces }: NewRecord): Record<string, unknown> {
  return JSON.parse(Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString());
}

/** Writes down what the door tells, one line for each. */
class RecordingObserver implements DoorObserver {
  readonly told: string[] = [];
  readonly seconds: number[] = [];

  accepted(source: string, type: string, count: number): void {
    this.told.push(`accepted ${source} ${type} ${count}`);
  }

  rejected(source: string | undefined, reason: string, count: number): void {
    this.told.push(`rejected ${source} ${reason} ${count}`);
  }

  acceptSeconds(seconds: number): void {
    this.seconds.push(seconds);
  }
}

/** A source of each kind: `site` and `app` belong to users' devices, `server` does not, `off` is disabled. */
const sources = new Map<string, Source>(
  [
    source('site', 'analytics.js'),
    source('app', 'ios'),
    source('server', 'server'),
    { ...source('off', 'server'), enabled: false },
  ].map((each) => [each.id, each]),
);

function source(id: string, platform: Platform): Source {
  return { id, name: id, organization: 'Acme', platform, enabled: true };
}

/** An answer as a client sees it. */
interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}

/** What a client sends; the body goes as it is, with its length unless `headers` say otherwise. */
interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** A real server with a door, on a free port of the loopback. */
export interface ServedDoor extends AsyncDisposable {
  readonly port: number;
  readonly log: RecordingLog;
  readonly observer: RecordingObserver;
  readonly clock: VirtualClock;
  readonly samples: RejectedSamples;
  readonly handles: (target: string) => boolean;
  /** Sends one request on a connection of its own. */
  send(sent: Sent): Promise<Received>;
  /** GETs a target. */
  get(path: string): Promise<Received>;
  /** POSTs a value as JSON. */
  post(path: string, value: unknown, headers?: OutgoingHttpHeaders): Promise<Received>;
}

/** Opens a door; ids are `id-1`, `id-2` and so on. */
export async function serveDoor(
  options: Partial<DoorOptions> = {},
  serverOptions: ServerOptions = SOCKET_LIMITS,
): Promise<ServedDoor> {
  const log = new RecordingLog();
  const observer = new RecordingObserver();
  const clock = new VirtualClock(parseIsoTime(RECEIVED_AT));
  const samples = new RejectedSamples(clock);
  let ids = 0;
  const door = createDoor({
    log,
    workspace: () => ({ sources, pipelines: [] }),
    clock,
    newId: () => `id-${++ids}`,
    eventBytesMax: EVENT_BYTES_DEFAULT,
    sourceEventsPerSecond: 0,
    observe: observer,
    rejected: samples,
    live: new LiveFeed(clock),
    onBug: (error) => {
      throw error;
    },
    ...options,
  });
  const server = createServer(serverOptions, door.handle);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const send = (sent: Sent) => exchange(port, sent);
  return {
    port,
    log,
    observer,
    clock,
    samples,
    handles: door.handles,
    send,
    get: (path) => send({ method: 'GET', path }),
    post: (path, value, headers = {}) => send({ path, headers, body: JSON.stringify(value) }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function exchange(
  port: number,
  { method = 'POST', path = '/v1/track', headers, body }: Sent,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text: bytes.toString(), bytes });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
