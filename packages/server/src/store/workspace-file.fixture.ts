import { DESTINATIONS } from '@metarouter/destinations';
import { applyWorkspaceFile } from './apply-workspace-file.ts';
import { NOON } from './filled-organization.fixture.ts';
import type { TestStore } from './store.fixture.ts';
import { parseWorkspace } from './workspace-file.ts';
import { organizationId } from './workspace-id.ts';
import type { WorkspaceShape } from './workspace-shape.ts';

/** The parts that the files of tests are made of. */
export const HOOKS = {
  name: 'hooks',
  destination: 'webhooks',
  details: { urls: ['https://a.example/hook'] },
};
export const CRM = { name: 'crm', destination: 'customerio', details: { siteId: 'abc', apiKey: 'canary1' } };
export const TO_HOOKS = { name: 'To hooks', destination: 'webhooks', connection: 'hooks' };
export const WEBSITE = {
  name: 'Website',
  platform: 'analytics.js',
  writeKey: 'website',
  pipelines: [TO_HOOKS],
};
export const OWNER = { email: 'owner@acme.example', role: 'owner' };
/** An organization with one of everything. */
export const ACME = { name: 'Acme', users: [OWNER], connections: [HOOKS], sources: [WEBSITE] };
export const ACME_ID = organizationId('Acme');
export const OPTIONS = { destinations: DESTINATIONS, invitationMs: 1_000, now: NOON };

/** Writes a file with these organizations into the store. */
export async function apply(store: TestStore, ...organizations: readonly object[]) {
  return await applyWorkspaceFile(store, fileOf(...organizations), OPTIONS);
}

/** A file with these organizations, as the server reads it. */
export function fileOf(...organizations: readonly object[]): WorkspaceShape {
  const text = JSON.stringify({ version: 1, organizations });
  const reading = parseWorkspace('w.yaml', text, {}, [...DESTINATIONS.values()]);
  if (reading.kind === 'complaints') throw new Error(reading.complaints.join('\n'));
  return reading.workspace;
}
