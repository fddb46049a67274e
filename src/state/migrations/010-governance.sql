-- State store, version 10: versions of the configuration, definitions people make, saved reports, quality over time, and
-- closed periods. One text for SQLite and PostgreSQL.

-- Every configuration a workspace ever had; never rewritten. actor: who made it so, null = the program by itself. body: the
-- whole of it as canonical JSON; hash: SHA-256 of body in hex. changes: JSON, what differs from the version before.
CREATE TABLE config_version (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  version INTEGER NOT NULL,
  at TEXT NOT NULL,
  actor TEXT,
  reason TEXT,
  hash TEXT NOT NULL,
  body TEXT NOT NULL,
  changes TEXT NOT NULL,
  PRIMARY KEY (tenant_id, version)
);

-- What people define beside the settings. kind: metric, benchmark, segment. version: counts the changes of this one. body:
-- JSON.
CREATE TABLE definition (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  at TEXT NOT NULL,
  actor TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, name)
);

-- Reports that were saved, with everything they were made from; never rewritten. manifest, query, tables: JSON. result: the
-- report exactly as it was printed.
CREATE TABLE saved_run (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  id TEXT NOT NULL,
  at TEXT NOT NULL,
  actor TEXT,
  name TEXT,
  manifest TEXT NOT NULL,
  tables TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- The last quality check of each local day. body: JSON, the score with its checks.
CREATE TABLE quality_day (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  day TEXT NOT NULL,
  at TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (tenant_id, day)
);

-- Closed months. month: its first day. basis: JSON, what the locked numbers were made from. reopened_at: null while it is
-- closed. reason: why it was reopened.
CREATE TABLE period_close (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  id TEXT NOT NULL,
  month TEXT NOT NULL,
  at TEXT NOT NULL,
  actor TEXT,
  basis TEXT NOT NULL,
  reopened_at TEXT,
  reopened_by TEXT,
  reason TEXT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX period_close_month ON period_close (tenant_id, month) WHERE reopened_at IS NULL;

-- The locked numbers of a close, in pieces. part: which of them; body: a JSON array.
CREATE TABLE close_part (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  close_id TEXT NOT NULL,
  part TEXT NOT NULL,
  position INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (tenant_id, close_id, part, position)
);
