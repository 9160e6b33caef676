/** The serials and UUIDs that more than one host has, or once had: whoever has another one is found by a single look. */
export const SHARED_IDENTIFIERS = `
  CREATE TABLE shared_identifiers (identifier TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TRIGGER serial_shared AFTER INSERT ON hosts
    WHEN EXISTS (SELECT 1 FROM hosts WHERE serial = new.serial AND id <> new.id) BEGIN
    INSERT OR IGNORE INTO shared_identifiers VALUES (new.serial);
  END;
  CREATE TRIGGER uuid_shared AFTER INSERT ON hosts
    WHEN EXISTS (SELECT 1 FROM hosts WHERE uuid = new.uuid AND id <> new.id) BEGIN
    INSERT OR IGNORE INTO shared_identifiers VALUES (new.uuid);
  END;
  CREATE TRIGGER serial_now_shared AFTER UPDATE OF serial ON hosts
    WHEN new.serial IS NOT old.serial AND EXISTS (SELECT 1 FROM hosts WHERE serial = new.serial AND id <> new.id) BEGIN
    INSERT OR IGNORE INTO shared_identifiers VALUES (new.serial);
  END;
  CREATE TRIGGER uuid_now_shared AFTER UPDATE OF uuid ON hosts
    WHEN new.uuid IS NOT old.uuid AND EXISTS (SELECT 1 FROM hosts WHERE uuid = new.uuid AND id <> new.id) BEGIN
    INSERT OR IGNORE INTO shared_identifiers VALUES (new.uuid);
  END;
  INSERT INTO shared_identifiers
    SELECT serial FROM hosts WHERE serial IS NOT NULL GROUP BY serial HAVING count(*) > 1
    UNION SELECT uuid FROM hosts WHERE uuid IS NOT NULL GROUP BY uuid HAVING count(*) > 1;
`
