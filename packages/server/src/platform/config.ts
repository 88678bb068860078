import { helpText } from './configuration-page.ts';
import { didYouMean } from './did-you-mean.ts';
import { CONFIG, type Config, type Setting, settingList } from './settings.ts';

/** The variables of the environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/** What came of reading: a configuration, the help that was asked for, or everything that is wrong. */
export type ConfigReading =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help'; readonly help: string }
  | { readonly kind: 'complaints'; readonly complaints: readonly string[] };

/** A value on its way in, with the name under which a person gave it. */
interface Given {
  readonly text: string;
  readonly from: string;
  /** Whether it may not be shown. */
  readonly secret: boolean;
}

/** Variables that begin like this are ours: one that we do not know is a slip of the pen. */
const OUR_PREFIX = 'METAROUTER_';

/** The environment of this process. The workspace file's `${NAME}` reads it too. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads the settings from the command line (`argv` without program and script) and the environment; an option
 * beats its variable.
 */
export function readConfig(argv: readonly string[], environment: Environment): ConfigReading {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', help: helpText() };
  const complaints: string[] = [];
  const given = new Map([...readVariables(environment, complaints), ...readOptions(argv, complaints)]);
  const texts = Object.fromEntries([...given].map(([name, { text }]) => [name, text]));
  complaints.push(...lonely(given));
  const parsed = CONFIG.safeParse(texts);
  if (parsed.success && complaints.length === 0) return { kind: 'config', config: parsed.data };
  for (const issue of parsed.error?.issues ?? []) {
    const value = given.get(String(issue.path[0]));
    if (value?.secret)
      complaints.push(`${value.from} cannot be read (it is secret, so not shown): ${issue.message}.`);
    else complaints.push(`${value?.from} is '${value?.text}': ${issue.message}.`);
  }
  return { kind: 'complaints', complaints };
}

/** The variables that are set. An empty one counts as not set, as compose files like to hand them on. */
function readVariables(environment: Environment, complaints: string[]): Map<string, Given> {
  const byVariable = settingsBy((setting) => setting.variable);
  const given = new Map<string, Given>();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(OUR_PREFIX)) continue;
    const known = byVariable.get(variable);
    if (known === undefined) {
      complaints.push(`${variable} is no setting: ${didYouMean(variable, [...byVariable.keys()])}`);
    } else if (text) {
      given.set(known.name, { text, from: variable, secret: known.setting.secret === true });
    }
  }
  return given;
}

/** The options of the command line. */
function readOptions(argv: readonly string[], complaints: string[]): Map<string, Given> {
  const byOption = settingsBy((setting) => setting.option && `--${setting.option}`);
  const given = new Map<string, Given>();
  for (const [option, text] of optionPairs(argv)) {
    const known = byOption.get(option);
    const earlier = known && given.get(known.name);
    if (known === undefined) {
      complaints.push(`${option} is no option: ${didYouMean(option, [...byOption.keys(), '--help'])}`);
    } else if (!text) {
      complaints.push(`${option} has no value: write ${option} ${known.setting.placeholder}.`);
    } else if (earlier && !known.setting.repeatable) {
      complaints.push(`${option} is given twice: leave one out.`);
    } else {
      const whole = earlier ? `${earlier.text},${text}` : text;
      given.set(known.name, { text: whole, from: option, secret: known.setting.secret === true });
    }
  }
  return given;
}

/** A complaint for each value that was given without the one that belongs beside it. */
function lonely(given: ReadonlyMap<string, Given>): string[] {
  const names = settingsBy((setting) => setting.variable);
  return settingList().flatMap(([name, { variable, beside }]) => {
    const other = beside === undefined ? undefined : names.get(beside);
    if (other === undefined || !given.has(name) || given.has(other.name)) return [];
    return [`${variable} is given without ${beside}: give both or neither.`];
  });
}

/** Each option with its value, from `--port 8080` or `--port=8080`; any other word stands alone. */
function optionPairs(argv: readonly string[]): [option: string, text?: string][] {
  const pairs: [option: string, text?: string][] = [];
  for (const word of argv) {
    const open = pairs.at(-1);
    const equals = word.indexOf('=');
    if (word.startsWith('--') && equals > 0) pairs.push([word.slice(0, equals), word.slice(equals + 1)]);
    else if (open?.length === 1 && open[0].startsWith('--') && !word.startsWith('--')) open.push(word);
    else pairs.push([word]);
  }
  return pairs;
}

function settingsBy(key: (setting: Setting) => string | undefined) {
  const found = new Map<string, { readonly name: string; readonly setting: Setting }>();
  for (const [name, setting] of settingList()) {
    const word = key(setting);
    if (word !== undefined) found.set(word, { name, setting });
  }
  return found;
}
