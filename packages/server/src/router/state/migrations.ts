import { REPEATS_SCHEMA } from '../repeats/key-store.ts';
import { COUNTS_SCHEMA } from './counts.ts';
import { OUTAGES_SCHEMA } from './outage-rows.ts';
import { REMOVED_SCHEMA } from './removed-pipelines.ts';

/** Each entry brings the file from the version of its index to the next. Never edited, only added to. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE lanes (
     pipeline TEXT NOT NULL,
     partition INTEGER NOT NULL,
     position INTEGER NOT NULL,
     start_sequence INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     delivered INTEGER NOT NULL,
     filtered INTEGER NOT NULL,
     dead INTEGER NOT NULL,
     PRIMARY KEY (pipeline, partition)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE dead_letters (
     pipeline TEXT NOT NULL,
     partition INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     position INTEGER NOT NULL,
     count INTEGER NOT NULL,
     message_id TEXT,
     reason TEXT NOT NULL,
     status INTEGER,
     attempts INTEGER NOT NULL,
     at INTEGER NOT NULL,
     answer TEXT,
     event BLOB
   ) STRICT;
   -- Not unique: a log that lost its end gives sequences out again.
   CREATE INDEX dead_letters_of_lane ON dead_letters (pipeline, partition, sequence);`,

  `-- A pipeline's live lane has the empty text as its replay.
   CREATE TABLE lanes_of_pipelines (
     pipeline TEXT NOT NULL,
     replay TEXT NOT NULL,
     partition INTEGER NOT NULL,
     position INTEGER NOT NULL,
     start_sequence INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     delivered INTEGER NOT NULL,
     -- By rule, as JSON.
     filtered TEXT NOT NULL,
     dead INTEGER NOT NULL,
     held INTEGER NOT NULL,
     repeats INTEGER NOT NULL,
     -- Only a replay ends.
     end_position INTEGER,
     end_sequence INTEGER,
     PRIMARY KEY (pipeline, replay, partition)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO lanes_of_pipelines
     SELECT pipeline, '', partition, position, start_sequence, sequence, delivered,
       iif(filtered = 0, '{}', json_object('before rules were counted', filtered)), dead, 0, 0, NULL, NULL
     FROM lanes;
   DROP TABLE lanes;
   ALTER TABLE lanes_of_pipelines RENAME TO lanes;

   -- Every event that did not just go well: parked, dead, lost with the log, or queued for redelivery.
   CREATE TABLE exceptions (
     id INTEGER PRIMARY KEY,
     pipeline TEXT NOT NULL,
     replay TEXT NOT NULL,
     partition INTEGER NOT NULL,
     state TEXT NOT NULL,
     sequence INTEGER NOT NULL,
     position INTEGER NOT NULL,
     count INTEGER NOT NULL,
     message_id TEXT,
     order_key TEXT,
     reason TEXT NOT NULL,
     status INTEGER,
     answer TEXT,
     attempts INTEGER NOT NULL,
     at INTEGER NOT NULL,
     elapsed_ms INTEGER NOT NULL,
     wait_ms INTEGER NOT NULL,
     -- The keys of the requests that were answered for good, as JSON.
     answered TEXT NOT NULL,
     event BLOB
   ) STRICT;
   INSERT INTO exceptions
     SELECT NULL, pipeline, '', partition, iif(event IS NULL, 'lost', 'dead'), sequence, position, count, message_id,
       NULL, reason, status, answer, attempts, at, 0, 0, '[]', event
     FROM dead_letters;
   DROP TABLE dead_letters;
   CREATE INDEX exceptions_of_lane ON exceptions (pipeline, replay, partition, state, id);
   CREATE INDEX exceptions_by_reason ON exceptions (pipeline, state, reason, id);
   CREATE INDEX exceptions_by_message ON exceptions (message_id);
   CREATE INDEX exceptions_by_age ON exceptions (state, at);

   -- Up to where repeats were looked for, and what was found.
   CREATE TABLE heads (partition INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;
   CREATE TABLE repeats (
     partition INTEGER NOT NULL,
     position INTEGER NOT NULL,
     source TEXT NOT NULL,
     PRIMARY KEY (partition, position)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX repeats_by_source ON repeats (partition, source, position);
   CREATE TABLE repeats_of_sources (
     partition INTEGER NOT NULL,
     source TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (partition, source)
   ) STRICT, WITHOUT ROWID;
   ${REPEATS_SCHEMA}

   CREATE TABLE replays (
     id TEXT PRIMARY KEY,
     pipeline TEXT NOT NULL,
     from_time INTEGER NOT NULL,
     until_time INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;

   -- What pipelines were set to, from which position on, without secrets: for the trace of what went well long ago.
   CREATE TABLE configurations (
     pipeline TEXT NOT NULL,
     partition INTEGER NOT NULL,
     position INTEGER NOT NULL,
     settings TEXT NOT NULL,
     PRIMARY KEY (pipeline, partition, position)
   ) STRICT, WITHOUT ROWID;`,

  `${COUNTS_SCHEMA}
   -- The hour and the type by which an event is counted, as one number.
   ALTER TABLE exceptions ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;`,

  OUTAGES_SCHEMA,

  REMOVED_SCHEMA,
];
