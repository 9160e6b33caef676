/** Who is told of what happens, and what each is still to be told. A step of the database: never edited once released. */
export const WEBHOOKS = `
-- Who is told of what happens. Each delivery is signed with the secret, so that it is kept as it is.
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  -- Random: ids of deliveries of several servers to one receiver do not meet.
  tag TEXT NOT NULL,
  -- Lists in JSON; NULL for all.
  events TEXT,
  hosts TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT,
  -- Up to this event all is queued that is wanted.
  queued_to INTEGER NOT NULL,
  -- So many attempts in a row have failed; the next one is not before that.
  failures INTEGER NOT NULL DEFAULT 0,
  hold_until INTEGER NOT NULL DEFAULT 0,
  delivered_at INTEGER,
  failed_at INTEGER,
  failed_why TEXT,
  given_up INTEGER NOT NULL DEFAULT 0,
  given_up_at INTEGER,
  -- The receiver wants no more.
  gone_at INTEGER
) STRICT;
CREATE TABLE deliveries (
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  queued_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- One that has failed often lets others pass until then.
  next_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (webhook_id, event_id)
) STRICT, WITHOUT ROWID;
`
