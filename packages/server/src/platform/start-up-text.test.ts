import { describe, expect, test } from 'vitest';
import { startUpText } from './start-up-text.ts';

const config = { host: '127.0.0.1', port: 8080, workspace: 'w.yaml' };

function workspaceOf(...sources: readonly { id: string; name: string; enabled: boolean }[]) {
  return { sources: new Map(sources.map((source) => [source.id, source])), pipelines: [{}] };
}

describe('the start-up text', () => {
  test('tells a newcomer the address, the write keys, and a line to paste', () => {
    const website = { id: 'ILoveData123', name: 'Website', enabled: true };
    const old = { id: 'old', name: 'Old', enabled: false };
    expect(startUpText(config, workspaceOf(old, website))).toMatchInlineSnapshot(`
      "Ready on http://127.0.0.1:8080

      Sources and their write keys:
        Old      old  (disabled)
        Website  ILoveData123

      Send an event:

        curl -u ILoveData123: http://127.0.0.1:8080/v1/track -d '{"userId":"arthur","event":"First Event","properties":{"plan":"towel"}}'

      Health   http://127.0.0.1:8080/health/ready
      Metrics  http://127.0.0.1:8080/metrics
      "
    `);
  });

  test('says how to make a workspace file when there is none', () => {
    const { workspace: _, ...withoutFile } = config;
    expect(startUpText(withoutFile, workspaceOf())).toContain('cp examples/workspace.yaml workspace.yaml');
  });

  test('says so when no pipeline takes the events anywhere', () => {
    const workspace = { ...workspaceOf({ id: 'a', name: 'A', enabled: true }), pipelines: [] };
    expect(startUpText(config, workspace)).toContain('No pipeline yet');
  });

  test('the line to paste uses the public address, the first line the local one', () => {
    const text = startUpText(
      { ...config, host: '::1', publicUrl: 'https://events.example.com' },
      workspaceOf({ id: 'a', name: 'A', enabled: true }),
    );
    expect(text).toMatch(/^Ready on http:\/\/\[::1\]:8080\n/);
    expect(text).toContain('curl -u a: https://events.example.com/v1/track');
  });
});
