/** The texts of the newest boot of each host that fetched anything to be installed. */
export const KEPT_BOOTS = `
  -- What was made for a host's newest boot, deflated JSON: without its key and without secrets.
  CREATE TABLE kept_boots (
    host_id INTEGER PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    boot INTEGER NOT NULL,
    at INTEGER NOT NULL,
    made BLOB NOT NULL
  ) STRICT;
`
