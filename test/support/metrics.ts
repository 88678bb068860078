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

/** Each pipeline's ledger on a metrics page, by the pipeline's id. Throws when a ledger lacks a term. */
export function ledgersOn(page: string): ReadonlyMap<string, LedgerTerms> {
  const samples = samplesOf(page).filter(({ name }) => name === 'metarouter_ledger');
  const byPipeline = Map.groupBy(samples, ({ labels }) => labels.pipeline ?? '');
  return new Map([...byPipeline].map(([pipeline, own]) => [pipeline, termsOf(own, page)]));
}

/** The ledger of the only pipeline there is, off the metrics page of the server at `url`. */
export async function ledgerOf(url: string): Promise<LedgerTerms> {
  const page = await metricsPage(url);
  const ledgers = ledgersOn(page);
  const [only] = ledgers.values();
  if (only === undefined || ledgers.size > 1) throw new Error(`${ledgers.size} pipelines:\n${page}`);
  return only;
}

/** The sum of all series of a counter, off the metrics page of the server at `url`. */
export async function counterOf(url: string, counter: string): Promise<number> {
  const series = samplesOf(await metricsPage(url)).filter(({ name }) => name === counter);
  return series.reduce((sum, { value }) => sum + value, 0);
}

/** The metrics page as it stands. Rejects when it is not answered with 200. */
export async function metricsPage(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  const page = await response.text();
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}: ${page}`);
  return page;
}

function termsOf(samples: readonly Sample[], page: string): LedgerTerms {
  const term = (state: string) => {
    const found = samples.filter(({ labels }) => labels.state === state);
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw new Error(`${found.length} terms of a ledger say ${state}:\n${page}`);
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
