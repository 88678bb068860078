/** One sample of the metrics page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the samples of a page in Prometheus' text format. */
export function samplesOf(page: string): readonly Sample[] {
  return page.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)/i.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, key = '', text = '']) => [key, text] as const,
    );
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The five terms of one pipeline's ledger. */
export interface LedgerTerms {
  readonly accepted: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly dead: number;
  readonly pending: number;
}

/** The ledger of the only pipeline there is, off the metrics page of the server at `url`. */
export async function ledgerOf(url: string): Promise<LedgerTerms> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const samples = samplesOf(page).filter(({ name }) => name === 'metarouter_ledger');
  const term = (state: string) => {
    const found = samples.filter(({ labels }) => labels.state === state);
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw new Error(`${found.length} ledgers say ${state}:\n${page}`);
    return only.value;
  };
  return {
    accepted: term('accepted'),
    delivered: term('delivered'),
    filtered: term('filtered'),
    dead: term('dead'),
    pending: term('pending'),
  };
}
