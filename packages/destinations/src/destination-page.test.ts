import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue/index.ts';
import { destinationIndexPage, destinationPage } from './destination-page.ts';

const pages = CATALOGUE.map((entry) => ({
  ...entry,
  code: entry.destination.code,
  page: destinationPage(entry),
}));

test.each(pages)('the page of $code shows no secret of its examples', ({ destination, examples, page }) => {
  for (const { connection, config } of examples) {
    for (const secret of destination.secrets(connection, config)) expect(page).not.toContain(secret);
  }
});

test.each(pages)('the page of $code says everything that is declared', ({ destination, examples, page }) => {
  const { connection, config, limits, modes, outcomes, platforms, tested, troubleshooting } = destination;
  for (const mode of modes) expect(page).toContain(`It works in ${mode} mode`);
  for (const platform of platforms) expect(page).toContain(`\`${platform}\``);
  expect(page).toContain(`## Test of a connection\n\n${tested}\n`);
  for (const [key, { label, description, found = '', range }] of [connection, config].flatMap((it) =>
    Object.entries(it),
  )) {
    const numbers = range === undefined ? '' : `from ${range.min} to ${range.max}`;
    for (const part of [`\`${key}\``, label, description, found, numbers]) expect(page).toContain(part);
  }
  for (const sentence of limits.data) expect(page).toContain(sentence);
  for (const [status, { reason }] of Object.entries(outcomes))
    expect(page).toMatch(new RegExp(`\\| .*\\b${status}\\b.* \\| ${reason}`));
  for (const { symptom, remedy } of troubleshooting) expect(page).toContain(`**${symptom}.** ${remedy}`);
  for (const { title, event, together = [], notes = [] } of examples) {
    const events = [event, ...together].map(
      (each) => `\n\`\`\`json\n${JSON.stringify(each, undefined, 2)}\n`,
    );
    for (const part of [`### ${title}`, ...events, ...notes]) expect(page).toContain(part);
  }
});

test('the index leads to every page', () => {
  for (const { code, destination } of pages)
    expect(destinationIndexPage(CATALOGUE)).toContain(`[${destination.name}](${code}.md)`);
});
