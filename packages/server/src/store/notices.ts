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
 * Claims the sending of a notice: true for exactly one of all who ask, by whatever process. One of the same kind that was
 * sent before `sentBefore`, in milliseconds since 1970, is behind us and gives way. No configuration changes by it, so
 * nobody has to read it again.
 */
export async function claimNotice(
  db: Db,
  { pipelineId, kind, since }: PipelineNotice,
  now: number,
  sentBefore = 0,
): Promise<boolean> {
  const claimed = await db
    .insertInto('notices')
    .values({ pipeline_id: pipelineId, kind, since, sent_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['pipeline_id', 'kind'])
        .doUpdateSet({ since, sent_at: now })
        .where('notices.sent_at', '<', sentBefore),
    )
    .returning('kind')
    .executeTakeFirst();
  return claimed !== undefined;
}

/** The last notice of each kind, of all pipelines. */
export async function listNotices(db: Db): Promise<readonly SentNotice[]> {
  const rows = await db.selectFrom('notices').selectAll().execute();
  return rows.map(({ pipeline_id, kind, since, sent_at }) => ({
    pipelineId: pipeline_id,
    kind,
    since,
    sentAt: sent_at,
  }));
}
