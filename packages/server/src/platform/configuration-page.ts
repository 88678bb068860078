import { type Setting, settingList } from './settings.ts';

/** Width of the column of options in the help text, in characters. */
const OPTION_COLUMN = 24;

/** What `--help` prints. */
export function helpText(): string {
  const options = settingList().flatMap(([, setting]) => {
    if (setting.option === undefined) return [];
    return [
      helpLine(`--${setting.option} ${setting.placeholder}`, plainText(firstSentence(setting.description))),
    ];
  });
  return [
    'MetaRouter keeps the events it is sent and routes them to your destinations.',
    '',
    'Usage: npm start -- [options]',
    '',
    ...options,
    helpLine('--help', 'Shows this text.'),
    '',
    'The environment can set the same and more: docs/configuration.md lists every variable.',
    '',
  ].join('\n');
}

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  return [
    '<!-- Generated from packages/server/src/platform/settings.ts by scripts/generate.ts. Change it there. -->',
    '',
    '# Configuration',
    '',
    'Every setting is optional. An option on the command line beats its variable; an empty variable counts as',
    'not set. Anything wrong stops the start, and everything wrong is told at once; that includes variables that',
    'begin with `METAROUTER_` and mean nothing. Sizes are in powers of 1,024 (`KB`, `MB`, `GB`); a number alone',
    'is bytes.',
    '',
    '| Variable | Option | Default | What it does |',
    '|---|---|---|---|',
    ...settingList().map(([, setting]) => tableRow(setting)),
    '',
  ].join('\n');
}

function tableRow(setting: Setting): string {
  const variable = setting.variable ? `\`${setting.variable}\`` : '';
  const option = setting.option ? `\`--${setting.option} ${setting.placeholder}\`` : '';
  const standard = setting.standard ? `\`${setting.standard}\`` : 'none';
  const several = setting.repeatable ? ' May be given several times, or as a comma list.' : '';
  return `| ${variable} | ${option} | ${standard} | ${setting.description}${several} |`;
}

function helpLine(left: string, right: string): string {
  return `  ${left.padEnd(OPTION_COLUMN)}${right}`;
}

function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}

function plainText(markdown: string): string {
  return markdown.replaceAll('`', '');
}
