/** A client of the GraphQL API that speaks plain HTTP, as somebody's script would. */
export interface Houston {
  /** Sent with all that follows. */
  readonly headers: Record<string, string>;
  /** The data of an operation. Throws with the errors when there are any. */
  ask(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, Answer>>>;
}

/** What a root field answers: tests look at its fields by name. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what is tested.
type Answer = any;

/** A client that is not signed in yet. */
export function houston(url: string): Houston {
  const headers: Record<string, string> = {};
  return {
    headers,
    async ask(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = JSON.parse(await response.text());
      if (errors !== undefined) throw new Error(`${response.status} ${JSON.stringify(errors)}`);
      return data;
    },
  };
}
