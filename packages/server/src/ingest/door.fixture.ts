import { type IncomingHttpHeaders, createServer, request as httpRequest } from 'node:http';
import type { AppendResult, LogAppender, NewRecord } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import type { Platform, Source, Workspace } from '../store/workspace.ts';
import { createDoor, type DoorOptions } from './door.ts';
import type { DoorObserver } from './observer.ts';

/** When every request of the tests is received. */
export const RECEIVED_AT = '2026-03-01T12:00:00.000Z';

/** A log in memory that keeps what it is given, or answers as it is told. */
export class RecordingLog implements LogAppender {
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
export class RecordingObserver implements DoorObserver {
  readonly told: string[] = [];
  readonly seconds: number[] = [];

  accepted(source: string, count: number): void {
    this.told.push(`accepted ${source} ${count}`);
  }

  rejected(source: string | undefined, reason: string, count: number): void {
    this.told.push(`rejected ${source} ${reason} ${count}`);
  }

  acceptSeconds(seconds: number): void {
    this.seconds.push(seconds);
  }
}

const stoppedClock: Clock = {
  now: () => Date.parse(RECEIVED_AT),
  monotonic: () => 0,
  after: () => () => undefined,
};

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
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
  readonly json: any;
}
