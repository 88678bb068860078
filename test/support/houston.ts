/** What was answered: the data of all fields, and the errors. */
interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly unknown[];
}

/** What each mutation answers, as far as tests look at it. */
export interface Status {
  readonly success: boolean;
  readonly message: string;
  readonly id: string;
}

/** Speaks to a server's GraphQL API, as nobody or as whoever the token is of. */
export class Houston {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = { 'content-type': 'application/json', ...headers };
  }

  /** The same, signed in, about one organization. */
  as(token: string, organization?: string): Houston {
    const about = organization === undefined ? {} : { organization };
    return new Houston(this.#url, { authorization: token, ...about });
  }

  /** The value of the operation's one field. Rejects with what was answered instead. */
  async ask(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify({ query, variables }),
    });
    const answer: Answer = JSON.parse(await response.text());
    const [value] = Object.values(answer.data ?? {});
    if (answer.errors !== undefined || value === undefined)
      throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return value;
  }

  /** Makes one change. Rejects when it was not made. */
  async change(mutation: string, variables: Readonly<Record<string, unknown>>): Promise<Status> {
    const status = await this.ask(mutation, variables);
    if (!isStatus(status)) throw new Error(JSON.stringify(status));
    return status;
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'success' in value && value.success === true;
}
