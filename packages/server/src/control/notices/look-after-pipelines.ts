import type { Outage } from '../../activity/delivery-views.ts';
import type { Mail } from '../../delivery/mailer.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Retention } from '../../platform/quantity.ts';
import { claimNotice, listNotices } from '../../store/notices.ts';
import { findPipeline, updatePipeline } from '../../store/pipelines.ts';
import type { Actor } from '../../store/store.ts';
import {
  destinationFailingNotice,
  type PipelineNotice,
  pipelinePausedNotice,
  pipelineSwitchedOffNotice,
} from '../mails/pipeline-notices.ts';
import type { LedgerRow } from '../ports.ts';
import type { Services } from '../services.ts';
import { type AffectedPipeline, findAffected } from './affected-pipeline.ts';
import { dueNotice, type NoticeKind, toldFrom } from './due-notice.ts';

/** What is needed to look after the pipelines, and to tell their Owners. */
export interface CareServices
  extends Pick<Services, 'clock' | 'store' | 'destinations' | 'mail' | 'publicUrl'> {
  readonly lanes: {
    /** The pipelines of which every attempt has failed, and since when. */
    outages(): Promise<readonly Outage[]>;
    /** The rows of all pipelines, at one moment. */
    ledger(): Promise<readonly Pick<LedgerRow, 'pipeline' | 'pending'>[]>;
  };
  /** How long events are kept. */
  readonly retention: Retention;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Who switches a pipeline off that nobody cares for, as the audit log says. */
const METAROUTER: Actor = { id: null, name: 'MetaRouter', address: '' };

/**
 * Looks at all pipelines once: tells the Owners of those that are paused or failing what they were not told yet, and
 * switches off what has been failing for 5 days. However many processes look, each notice is sent once. Rejects when the
 * lanes or the store cannot be reached; what is left to do then is left to the next look.
 */
export async function lookAfterPipelines(services: CareServices): Promise<void> {
  const { clock, store, lanes } = services;
  const outages = await lanes.outages();
  if (outages.length === 0) return;
  const notices = Map.groupBy(await listNotices(store.db), ({ pipelineId }) => pipelineId);
  for (const outage of outages) {
    const from = toldFrom(outage, clock.now());
    const told = (notices.get(outage.pipeline) ?? []).filter(({ sentAt }) => sentAt >= from);
    const kind = dueNotice(outage, new Set(told.map((notice) => notice.kind)));
    if (kind !== undefined) await tellOwners(services, outage, kind);
  }
}

async function tellOwners(services: CareServices, outage: Outage, kind: NoticeKind): Promise<void> {
  const { store, lanes, mail } = services;
  const affected = await findAffected(store.db, outage.pipeline);
  if (affected === undefined) return;
  const row = (await lanes.ledger()).find(({ pipeline }) => pipeline === outage.pipeline);
  const waiting = row?.pending ?? 0;
  // Made before it is claimed: what was claimed and is not sent would never be.
  const mails = affected.owners.map((to) => noticeOf(kind, services, { affected, outage, to, waiting }));
  const isOurs =
    kind === 'switched off'
      ? await switchOff(services, affected)
      : mails.length > 0 && (await claim(services, outage, kind));
  if (isOurs) for (const each of mails) mail(each);
}

/** False when somebody else was faster. */
function claim({ store, clock }: CareServices, outage: Outage, kind: NoticeKind): Promise<boolean> {
  const { pipeline: pipelineId, since } = outage;
  const now = clock.now();
  return claimNotice(store.db, { pipelineId, kind, since }, now, toldFrom(outage, now));
}

/** The same. */
async function switchOff({ store, logger }: CareServices, affected: AffectedPipeline): Promise<boolean> {
  const { id, name, organizationId } = affected.pipeline;
  const isOurs = await store.change(METAROUTER, async ({ db, note }) => {
    if ((await findPipeline(db, id))?.enabled !== true) return false;
    await updatePipeline(db, id, { enabled: false });
    const about = { organization: organizationId, target: id, targetName: name };
    note({ ...about, action: 'pipeline.switched-off', details: { enabled: false } });
    return true;
  });
  if (isOurs) logger.warn(SWITCHED_OFF, { pipeline: id, name, organization: affected.organization });
  return isOurs;
}

const SWITCHED_OFF =
  'Every attempt of a pipeline has failed for 5 days, so it was switched off. Its events are kept as long as all are; ' +
  'switched on again, it goes on where it stopped.';

interface Told {
  readonly affected: AffectedPipeline;
  readonly outage: Outage;
  readonly to: string;
  readonly waiting: number;
}

function noticeOf(
  kind: NoticeKind,
  { destinations, publicUrl, retention }: CareServices,
  { affected, outage, to, waiting }: Told,
): Mail {
  const { pipeline, organization, source, connection } = affected;
  const { since, refusedSince = since, reason } = outage;
  const destination = destinations.get(pipeline.destination)?.name ?? pipeline.destination;
  const notice: PipelineNotice = {
    to,
    publicUrl,
    organization,
    source,
    pipeline,
    destination,
    since,
    reason,
    waiting,
    retention,
  };
  switch (kind) {
    case 'paused':
      return pipelinePausedNotice({ ...notice, connection, since: refusedSince });
    case 'failing for an hour':
      return destinationFailingNotice({ ...notice, hours: 1 });
    case 'failing for a day':
      return destinationFailingNotice({ ...notice, hours: 24 });
    case 'switched off':
      return pipelineSwitchedOffNotice(notice);
  }
}
