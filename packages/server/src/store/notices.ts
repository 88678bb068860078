import type { Db } from './store.ts';

/** A notice to the owners of a pipeline's organization. */
export interface PipelineNotice {
  readonly pipelineId: string;
  /** What it says, such as `failing for an hour`. */
  readonly kind: string;
  /** Since when the pipeline has been as the notice says. */
  readonly since: number;
}

/** One that was sent. */
export interface SentNotice extends PipelineNotice {
  /** In milliseconds since 1970. */
  readonly sentAt: number;
}

/**
 * Claims the sending of a notice: true for exactly one of all who ask, by whatever process, until the notice is
 * forgotten. No configuration changes by it, so nobody has to read it again.
 */
export async function claimNotice(
  db: Db,
  { pipelineId, kind, since }: PipelineNotice,
  now: number,
): Promise<boolean> {
  const claimed = await db
    .insertInto('notices')
    .values({ pipeline_id: pipelineId, kind, since, sent_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('kind')
    .executeTakeFirst();
  return claimed !== undefined;
}

/** All notices that were sent and are not forgotten. */
export async function listNotices(db: Db): Promise<readonly SentNotice[]> {
  const rows = await db.selectFrom('notices').selectAll().execute();
  return rows.map(({ pipeline_id, kind, since, sent_at }) => ({
    pipelineId: pipeline_id,
    kind,
    since,
    sentAt: sent_at,
  }));
}

/** Forgets a notice, so that the next one of its kind is sent again; one that was sent since stays. */
export async function deleteNotice(db: Db, { pipelineId, kind, since }: PipelineNotice): Promise<void> {
  await db
    .deleteFrom('notices')
    .where('pipeline_id', '=', pipelineId)
    .where('kind', '=', kind)
    .where('since', '=', since)
    .execute();
}
