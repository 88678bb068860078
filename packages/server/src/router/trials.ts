import type { FindingView, PreviewView } from '../activity/trial-views.ts';
import type { Pipeline } from '../store/workspace.ts';
import { ConnectionTests, type ConnectionTestsOptions, type StoredConnection } from './connection-tests.ts';
import { previewOf } from './preview.ts';

export interface TrialsOptions extends ConnectionTestsOptions {
  /** All pipelines, those that are switched off too. */
  readonly pipelines: () => readonly Pipeline[];
}

/** What people try out: nothing of it is an event, and nothing of it touches a lane. */
export class Trials {
  readonly #options: TrialsOptions;
  readonly #tests: ConnectionTests;

  constructor(options: TrialsOptions) {
    this.#options = options;
    this.#tests = new ConnectionTests(options);
  }

  /** What a pipeline would do with an event, given as JSON; undefined when there is no such pipeline. */
  preview(wish: { readonly pipeline: string; readonly event: string }): PreviewView | undefined {
    const { pipelines, destinations, clock, newId } = this.#options;
    const pipeline = pipelines().find(({ id }) => id === wish.pipeline);
    if (pipeline === undefined) return undefined;
    const destination = destinations.get(pipeline.destination);
    if (destination === undefined) return undefined;
    return previewOf({ pipeline, destination, text: wish.event, clock, newId });
  }

  /** Asks a connection's receivers whether its credentials are right. Rejects when there is no such destination. */
  testConnection(connection: StoredConnection): Promise<FindingView> {
    return this.#tests.run(connection);
  }

  /** Breaks off what is under way. */
  stop(): void {
    this.#tests.stop();
  }
}
