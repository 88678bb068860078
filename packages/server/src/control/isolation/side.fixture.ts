import { newId } from '../../platform/ids.ts';
import { newApiKey } from '../../platform/one-time-tokens.ts';
import { createApiKey } from '../../store/api-keys.ts';
import { listAuditEntries } from '../../store/audit.ts';
import { createConnection } from '../../store/connections.ts';
import { CUSTOMERIO, made, WEBHOOKS } from '../../store/filled-organization.fixture.ts';
import { addMailToken } from '../../store/mail-tokens.ts';
import { addMember } from '../../store/members.ts';
import { claimNotice } from '../../store/notices.ts';
import { createOrganization } from '../../store/organizations.ts';
import { createPipeline } from '../../store/pipelines.ts';
import { createSource } from '../../store/sources.ts';
import { OPERATOR } from '../../store/store.fixture.ts';
import type { Db, Store } from '../../store/store.ts';
import { createUser } from '../../store/users.ts';
import type { Kind, Side } from './houston.fixture.ts';
import type { Delivered } from './recording-lanes.fixture.ts';

/** An organization with two sources and one of everything else, all of it marked. */
export interface FilledSide extends Delivered {
  readonly organization: string;
  /** A source that the operations are not about. */
  readonly other: string;
  /** The id of what an argument can name; of connections, one for webhooks. */
  readonly ids: Readonly<Record<Kind, string>>;
}

/** A text that is in every name, address and value of an organization, and nowhere else. */
export const MARKS: Readonly<Record<Side, string>> = { A: 'canary-of-a', B: 'canary-of-b' };

const DEAD_LETTERS: Readonly<Record<Side, number>> = { A: 11, B: 12 };

/** Makes an organization with its owner, who is `ids.user`. */
export async function fillSide(store: Store, side: Side, now: number): Promise<FilledSide> {
  const mark = MARKS[side];
  const filled = await store.change(OPERATOR, async ({ db, note }) => {
    const { id: organizationId } = await createOrganization(db, store.sealer, { name: mark, now });
    const of = { organizationId, now };
    const user = made(
      await createUser(db, {
        email: `owner@${mark}.example`,
        password: null,
        profile: { firstName: mark, lastName: mark, company: mark },
        confirmedAt: now,
        now,
      }),
    );
    const owner = { userId: user.id, role: 'OWNER', access: 'EDIT', sources: undefined } as const;
    await addMember(db, { ...of, ...owner });
    await addMailToken(db, {
      ...of,
      hash: mark,
      purpose: 'invitation',
      userId: user.id,
      email: user.email,
      expiresAt: now + 1,
    });
    const site = { platform: 'server', name: mark } as const;
    const source = made(await createSource(db, { ...of, ...site }));
    const other = made(await createSource(db, { ...of, ...site }));
    const details = { urls: [`https://${mark}.example/`], headers: { authorization: mark } };
    const connection = made(
      await createConnection(db, store.sealer, WEBHOOKS, { ...of, name: mark, details }),
    );
    // One that no pipeline uses, for another destination.
    made(
      await createConnection(db, store.sealer, CUSTOMERIO, {
        ...of,
        name: `${mark} too`,
        details: { siteId: mark, apiKey: mark },
      }),
    );
    const pipeline = made(
      await createPipeline(db, {
        sourceId: source.id,
        connectionId: connection.id,
        name: mark,
        config: { mode: 'batch' },
        filter: [{ name: mark, only: `event = "${mark}"` }],
        now,
      }),
    );
    await claimNotice(db, { pipelineId: pipeline.id, kind: 'paused', since: now }, now);
    const apiKey = await keepKey(db, organizationId, user.id, now);
    note({
      organization: organizationId,
      action: 'organization.created',
      target: organizationId,
      targetName: mark,
      details: { name: mark },
    });
    return { organization: organizationId, user, source, other, connection, pipeline, apiKey };
  });
  const { entries } = await listAuditEntries(store.db, filled.organization, { first: 1 });
  const delivered = {
    mark,
    source: filled.source.id,
    pipeline: filled.pipeline.id,
    message: `message ${mark}`,
    deadLetter: DEAD_LETTERS[side],
    replay: newId(),
  };
  return {
    ...delivered,
    organization: filled.organization,
    other: filled.other.id,
    ids: {
      organization: filled.organization,
      source: filled.source.id,
      connection: filled.connection.id,
      pipeline: filled.pipeline.id,
      apiKey: filled.apiKey.id,
      user: filled.user.id,
      deadLetter: `${delivered.deadLetter}`,
      replay: delivered.replay,
      message: delivered.message,
      place: `${entries[0]?.id}`,
      eventPlace: eventPlace(2),
    },
  };
}

function eventPlace(position: number): string {
  return Buffer.from(JSON.stringify({ before: position })).toString('base64url');
}

/** Ids like theirs that nothing has. */
export function idsOfNothing(): Readonly<Record<Kind, string>> {
  return {
    organization: newId(),
    source: newId(),
    connection: newId(),
    pipeline: newId(),
    apiKey: newId(),
    user: newId(),
    deadLetter: '99',
    replay: newId(),
    message: 'message of nobody',
    place: '999999999',
    eventPlace: eventPlace(999_999_999),
  };
}

/** Keeps an API key that nobody has. */
export async function keepKey(
  db: Parameters<typeof createApiKey>[0],
  organizationId: string,
  createdBy: string,
  now: number,
) {
  const { hash, beginning } = newApiKey();
  return await createApiKey(db, {
    organizationId,
    name: 'Spare',
    role: 'USER',
    hash,
    beginning,
    createdBy,
    now,
  });
}

/** Everything that the store has of an organization, as text. */
export async function rowsOf(db: Db, organization: string): Promise<string> {
  const sources = db.selectFrom('sources').select('id').where('organization_id', '=', organization);
  const pipelines = db.selectFrom('pipelines').select('id').where('source_id', 'in', sources);
  const members = db.selectFrom('members').select('user_id').where('organization_id', '=', organization);
  const rows = await Promise.all([
    db.selectFrom('organizations').selectAll().where('id', '=', organization).execute(),
    db
      .selectFrom('members')
      .selectAll()
      .where('organization_id', '=', organization)
      .orderBy('user_id')
      .execute(),
    db.selectFrom('users').selectAll().where('id', 'in', members).orderBy('id').execute(),
    db.selectFrom('mail_tokens').selectAll().where('user_id', 'in', members).orderBy('hash').execute(),
    db.selectFrom('sources').selectAll().where('organization_id', '=', organization).orderBy('id').execute(),
    db
      .selectFrom('connections')
      .selectAll()
      .where('organization_id', '=', organization)
      .orderBy('id')
      .execute(),
    db.selectFrom('pipelines').selectAll().where('source_id', 'in', sources).orderBy('id').execute(),
    db.selectFrom('notices').selectAll().where('pipeline_id', 'in', pipelines).orderBy('kind').execute(),
    db.selectFrom('api_keys').selectAll().where('organization_id', '=', organization).orderBy('id').execute(),
    db.selectFrom('audit').selectAll().where('organization_id', '=', organization).orderBy('id').execute(),
  ]);
  return JSON.stringify(rows);
}
