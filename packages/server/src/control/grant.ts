import type { StoredApiKey } from '../store/api-keys.ts';
import type { StoredConnection } from '../store/connections.ts';
import type { StoredPipeline } from '../store/pipelines.ts';
import type { StoredSource } from '../store/sources.ts';
import type { StoredUser } from '../store/users.ts';
import type { Caller } from './caller.ts';
import type { Membership } from './roles.ts';

/** What a rule found out and permitted. */
interface Granted {
  readonly membership?: Membership;
  readonly source?: StoredSource;
  readonly connection?: StoredConnection;
  readonly pipeline?: StoredPipeline;
  readonly apiKey?: StoredApiKey;
}

/**
 * What a field's access rule hands to its resolver: the objects that the arguments name, which the caller may see or
 * change. Asking for what the rule does not look up is a bug, and throws.
 */
export class Grant {
  readonly #caller: Caller;
  readonly #granted: Granted;

  constructor(caller: Caller, granted: Granted = {}) {
    this.#caller = caller;
    this.#granted = granted;
  }

  /** The person who asks. */
  get user(): StoredUser {
    return this.#caller.kind === 'user' ? this.#caller.user : missing('user');
  }

  get membership(): Membership {
    return this.#granted.membership ?? missing('membership');
  }

  /** The id of the organization. */
  get organization(): string {
    return this.membership.organization;
  }

  get source(): StoredSource {
    return this.#granted.source ?? missing('source');
  }

  get connection(): StoredConnection {
    return this.#granted.connection ?? missing('connection');
  }

  get pipeline(): StoredPipeline {
    return this.#granted.pipeline ?? missing('pipeline');
  }

  get apiKey(): StoredApiKey {
    return this.#granted.apiKey ?? missing('API key');
  }
}

function missing(what: string): never {
  throw new Error(`the field's access rule grants no ${what}`);
}
