import { describe, expect, test } from 'vitest';
import { startUpText } from './start-up-text.ts';

const config = { host: '127.0.0.1', workspace: 'w.yaml' };

function startedWith(...sources: readonly { id: string; name: string; enabled: boolean }[]) {
  const workspace = { sources: new Map(sources.map((source) => [source.id, source])), pipelines: [{}] };
  return { port: 8080, workspace, setUpLink: undefined };
}

describe('the start-up text', () => {
  test('tells a newcomer the address, the write keys, and a line to paste', () => {
    const website = { id: 'ILoveData123', name: 'Website', enabled: true };
    const old = { id: 'old', name: 'Old', enabled: false };
    expect(startUpText(config, startedWith(old, website))).toMatchInlineSnapshot(`
      "Ready on http://127.0.0.1:8080

      Sources and their write keys:
        Old      old  (disabled)
        Website  ILoveData123

      Send an event:

        curl -u ILoveData123: http://127.0.0.1:8080/v1/track -d '{"userId":"arthur","event":"First Event","properties":{"plan":"towel"}}'

      Health   http://127.0.0.1:8080/health/ready
      Metrics  http://127.0.0.1:8080/metrics
      File     w.yaml
      "
    `);
  });

  test('says how to get a source when there is neither one nor a workspace file', () => {
    const { workspace: _, ...withoutFile } = config;
    expect(startUpText(withoutFile, startedWith())).toContain('cp examples/workspace.yaml workspace.yaml');
  });

  test('says so when no pipeline takes the events anywhere', () => {
    const started = startedWith({ id: 'a', name: 'A', enabled: true });
    const workspace = { ...started.workspace, pipelines: [] };
    expect(startUpText(config, { ...started, workspace })).toContain('No pipeline yet');
  });

  test('has the link for the first account while there is none', () => {
    const setUpLink = 'http://127.0.0.1:8080/setup?token=abc';
    expect(startUpText(config, { ...startedWith(), setUpLink })).toContain(
      `it works once:\n\n  ${setUpLink}\n`,
    );
    expect(startUpText(config, startedWith())).not.toContain('/setup');
  });

  test('of many sources it names the first twenty, and says how many there are', () => {
    const many = Array.from({ length: 1_000 }, (_, place) => ({
      id: `id${place}`,
      name: `Source ${place}`,
      enabled: true,
    }));
    const text = startUpText(config, startedWith(...many));
    expect(text).toContain('  Source 19  id19\n  … and 980 more\n');
    expect(text).not.toContain('id20');
  });

  test('the line to paste uses the public address, the first line the local one', () => {
    const text = startUpText(
      { ...config, host: '::1', publicUrl: 'https://events.example.com' },
      startedWith({ id: 'a', name: 'A', enabled: true }),
    );
    expect(text).toMatch(/^Ready on http:\/\/\[::1\]:8080\n/);
    expect(text).toContain('curl -u a: https://events.example.com/v1/track');
  });
});
