-- State store, version 4: what webhooks said. One text for SQLite and PostgreSQL.

-- One row per event and connection; the same event delivered again finds its key. what: JSON, ids of records only, gone
-- once it is dealt with. left: given up, the next scheduled run finds it. due_at: not to be taken before, and for those
-- that have ended since when. Rows that have ended stay for some days, because a delivery may come again that late.
CREATE TABLE inbox (
  connection_id TEXT NOT NULL REFERENCES connection (id),
  key TEXT NOT NULL,
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  occurred_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  what TEXT,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'left')),
  tries INTEGER NOT NULL,
  due_at TEXT NOT NULL,
  PRIMARY KEY (connection_id, key)
);
CREATE INDEX inbox_waiting ON inbox (connection_id, due_at) WHERE state = 'waiting';
CREATE INDEX inbox_ended ON inbox (due_at) WHERE state <> 'waiting';
