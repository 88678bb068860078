import type { Pipeline } from '../../store/workspace.ts';
import type { Dice } from './dice.ts';
import type { Flavour } from './simulated-client.ts';

/** Leaves the noise out. */
const NO_NOISE = [{ name: 'no noise', drop: 'event = "noise"' }];
const NOISE_RULE = 'filter: no noise';

/** The rule by which a pipeline is to leave an event out; undefined when it wants it. */
export function ruleOf({ filter }: Pipeline, flavour: Flavour): string | undefined {
  if (flavour === 'unwanted') return 'integrations';
  if (flavour === 'bundled') return 'bundled';
  return flavour === 'noise' && filter.length > 0 ? NOISE_RULE : undefined;
}

/** How many receivers it has. */
export function urlCount({ connection: { urls } }: Pipeline): number {
  return Array.isArray(urls) ? urls.length : 1;
}

/** A pipeline of any kind. */
export function drawPipeline(dice: Dice, number: number, source: string): Pipeline {
  const id = `p${number}`;
  const common = {
    id,
    name: id,
    source,
    filter: dice.chance(0.4) ? NO_NOISE : [],
    enabled: dice.chance(0.9),
  };
  if (dice.chance(0.25)) {
    const connection = { siteId: 'site', apiKey: 'key', endpoint: `https://${id}.example.com` };
    return { ...common, destination: 'customerio', connection, config: {} };
  }
  const urls = urlsOf(id, dice.chance(0.6) ? 1 : dice.whole(2, 3));
  const config = dice.chance(0.35) ? { batchSize: dice.pick([2, 5, 50]) } : {};
  return { ...common, destination: 'webhooks', connection: { urls }, config };
}

/** The same pipeline with something about it changed. */
export function changePipeline(dice: Dice, pipeline: Pipeline): Pipeline {
  const { id, destination, enabled, filter } = pipeline;
  const draw = dice.random();
  if (draw < 0.6) return { ...pipeline, enabled: !enabled };
  if (draw < 0.8 || destination !== 'webhooks')
    return { ...pipeline, filter: filter.length > 0 ? [] : NO_NOISE };
  return { ...pipeline, connection: { urls: urlsOf(id, dice.whole(1, 3)) } };
}

function urlsOf(id: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => `https://${id}-${place}.example.com/`);
}
