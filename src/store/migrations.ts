import type { Database } from 'better-sqlite3'
import { ProvisionError } from '../core/errors.ts'
import { KEPT_BOOTS } from './migrations/kept-boots.ts'
import { SHARED_IDENTIFIERS } from './migrations/shared-identifiers.ts'
import { WEBHOOKS } from './migrations/webhooks.ts'

/** Append only: the position of a step is the version that it leads to. A step that was released is never edited. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE hosts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hostname TEXT,
    serial TEXT,
    uuid TEXT,
    state TEXT NOT NULL CHECK (state IN ('new', 'assigned', 'installing', 'finished', 'failed')),
    plan TEXT NOT NULL,
    rest TEXT NOT NULL CHECK (rest IN ('new', 'finished', 'failed')),
    revision INTEGER NOT NULL,
    expires_at INTEGER,
    protected INTEGER NOT NULL CHECK (protected IN (0, 1)),
    metadata TEXT NOT NULL,
    local_boot TEXT NOT NULL,
    firmware TEXT,
    address TEXT,
    progress INTEGER NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,
    seen_at INTEGER
  ) STRICT;
  CREATE INDEX hosts_by_serial ON hosts (serial) WHERE serial IS NOT NULL;
  CREATE INDEX hosts_by_uuid ON hosts (uuid) WHERE uuid IS NOT NULL;
  CREATE INDEX hosts_by_hostname ON hosts (hostname) WHERE hostname IS NOT NULL;

  CREATE TABLE host_macs (
    mac TEXT PRIMARY KEY,
    host_id INTEGER NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX host_macs_by_host ON host_macs (host_id, position);

  CREATE TABLE boots (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL,
    host_id INTEGER NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    image TEXT,
    revision INTEGER NOT NULL,
    address TEXT,
    opened_at INTEGER NOT NULL,
    progressed_at INTEGER,
    ended_at INTEGER,
    outcome TEXT CHECK (outcome IN ('finished', 'failed'))
  ) STRICT;
  -- Hashes fall anywhere in their index, so that every boot writes another page of it: the less of a hash is in it, the fewer there are.
  CREATE INDEX boots_by_hash ON boots (substr(hash, 1, 6));

  -- host_id has no foreign key: what happened to a host outlives the host.
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host_id INTEGER NOT NULL,
    boot INTEGER,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_host ON events (host_id);
  `,
  `
  -- What operators set for an image, or (with the empty name) for all hosts.
  CREATE TABLE defaults (
    image TEXT PRIMARY KEY,
    settings TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- How far the newest install of a host is. Not part of the row of its host or boot: it is written every few seconds.
  CREATE TABLE installs (
    host_id INTEGER PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    boot INTEGER NOT NULL,
    image TEXT NOT NULL,
    progress TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE hosts ADD COLUMN firmware_boot TEXT NOT NULL DEFAULT 'ipxe';
  CREATE INDEX hosts_by_firmware_boot ON hosts (firmware_boot) WHERE firmware_boot <> 'ipxe';
  `,
  `
  -- Who did it, when a person did.
  ALTER TABLE events ADD COLUMN by_whom TEXT;
  `,
  `
  -- Who may come to the admin door. Of a token and of a session's cookie only the hash is kept.
  CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    created_at INTEGER NOT NULL,
    created_by TEXT,
    expires_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER
  ) STRICT;
  -- What was revoked leaves its name to the next one.
  CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;
  CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    address TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_token ON sessions (token_id);
  -- Who came, and who was refused.
  CREATE TABLE access_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    by_whom TEXT,
    address TEXT,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX access_events_by_type ON access_events (type, id);
  `,
  `
  -- For lists of hosts that are long: each order and each filter has its index.
  CREATE INDEX hosts_by_name ON hosts (ifnull(hostname, '~'));
  CREATE INDEX hosts_by_state ON hosts (state);
  CREATE INDEX hosts_by_state_and_name ON hosts (state, ifnull(hostname, '~'));
  CREATE INDEX hosts_protected ON hosts (protected) WHERE protected = 1;
  CREATE INDEX hosts_expiring ON hosts (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX installs_by_image ON installs (image);

  -- Which images each host has in its plan.
  CREATE TABLE plan_images (
    image TEXT NOT NULL,
    host_id INTEGER NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    PRIMARY KEY (image, host_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX plan_images_by_host ON plan_images (host_id);
  CREATE TRIGGER plan_made AFTER INSERT ON hosts BEGIN
    INSERT OR IGNORE INTO plan_images SELECT value, new.id FROM json_each(new.plan, '$.images');
  END;
  CREATE TRIGGER plan_changed AFTER UPDATE OF plan ON hosts WHEN new.plan <> old.plan BEGIN
    DELETE FROM plan_images WHERE host_id = old.id;
    INSERT OR IGNORE INTO plan_images SELECT value, new.id FROM json_each(new.plan, '$.images');
  END;
  INSERT OR IGNORE INTO plan_images SELECT value, hosts.id FROM hosts, json_each(hosts.plan, '$.images');

  -- What people look for hosts by: any part of it, by an index of all its groups of three characters.
  CREATE VIRTUAL TABLE host_words USING fts5 (words, tokenize = 'trigram');
  INSERT INTO host_words (rowid, words) SELECT id, lower(
    ifnull(hostname, '') || ' ' || ifnull(serial, '') || ' ' || ifnull(uuid, '') || ' ' || ifnull(address, '') || ifnull(
      (SELECT group_concat(' ' || mac, '') FROM (SELECT mac FROM host_macs WHERE host_id = hosts.id ORDER BY position)), ''))
    FROM hosts;
  `,
  `
  -- Of the events of each host the newest that says more than its state: a list of all hosts need not look for it.
  CREATE TABLE signs (
    host_id INTEGER PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    boot INTEGER
  ) STRICT;
  `,
  `
  CREATE INDEX installs_by_heard ON installs (json_extract(progress, '$.heardAt'));
  `,
  `
  -- In order, with blanks between them, so that reading a host is reading its row; host_macs is for finding it.
  ALTER TABLE hosts ADD COLUMN macs TEXT NOT NULL DEFAULT '';
  UPDATE hosts SET macs = coalesce(
    (SELECT group_concat(mac, ' ' ORDER BY position) FROM host_macs WHERE host_id = hosts.id), '');
  `,
  `
  -- What consoles said, by syslog: a bounded number of lines of each host.
  CREATE TABLE console_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host_id INTEGER NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    boot INTEGER,
    at INTEGER NOT NULL,
    severity INTEGER,
    app TEXT,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX console_lines_by_host ON console_lines (host_id);
  `,
  `
  -- The boots in which the present install of a host began.
  ALTER TABLE hosts ADD COLUMN attempts TEXT;

  -- An install that is overdue, and since when one that is done has its first start before it.
  ALTER TABLE installs ADD COLUMN stalled_at INTEGER;
  ALTER TABLE installs ADD COLUMN stalled_why TEXT;
  ALTER TABLE installs ADD COLUMN first_start_at INTEGER;
  CREATE INDEX installs_stalled ON installs (host_id) WHERE stalled_at IS NOT NULL;
  CREATE INDEX installs_starting ON installs (host_id) WHERE first_start_at IS NOT NULL;

  -- How long each stage of each install took.
  CREATE TABLE stage_times (
    boot INTEGER NOT NULL REFERENCES boots (number) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    image TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    took INTEGER NOT NULL,
    PRIMARY KEY (boot, stage)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stage_times_by_image ON stage_times (image, boot);

  -- What only one of several servers does.
  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  WEBHOOKS,
  KEPT_BOOTS,
  SHARED_IDENTIFIERS,
]

/**
 * Brings a database to the newest version, one step a transaction.
 * @throws {ProvisionError} conflict, when a newer metalspray wrote it
 */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  const step = db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > migrations.length) {
      throw new ProvisionError(
        'conflict',
        `the database is of version ${version}, this metalspray knows up to ${migrations.length}; use a newer one`,
      )
    }
    const sql = migrations[version]
    if (sql === undefined) return false
    db.exec(sql)
    db.pragma(`user_version = ${version + 1}`)
    return true
  })
  while (step.immediate());
}
