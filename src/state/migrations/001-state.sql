-- State store, version 1: what only we hold. One text for SQLite and PostgreSQL. Instants are UTC text in ISO 8601 with
-- milliseconds, so that they sort; JSON columns are read and written whole and never queried.

CREATE TABLE workspace (
  tenant_id INTEGER NOT NULL PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  created_at TEXT NOT NULL
);

-- One row per setting that differs from its default. value: JSON.
CREATE TABLE setting (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (tenant_id, key)
);

-- Who could wonder later why a number changed. before, after: JSON, null where there was or is none.
CREATE TABLE audit (
  id BIGINT NOT NULL PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  value_before TEXT,
  value_after TEXT
);
CREATE INDEX audit_tenant ON audit (tenant_id, id);

-- turn: order in which imports took effect; an import that is continued after a kill moves to the end. fingerprint:
-- digest of its files and options, by which the same import is known again. options, result: JSON.
CREATE TABLE import_run (
  id TEXT NOT NULL PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  turn BIGINT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  created_at TEXT NOT NULL,
  finished_at TEXT,
  status TEXT NOT NULL CHECK (status IN ('running', 'done', 'interrupted', 'undoing', 'undone', 'failed')),
  options TEXT NOT NULL,
  result TEXT
);
CREATE INDEX import_run_tenant ON import_run (tenant_id, turn);

-- The files of an import in the order they are read; sha256 names the kept copy. mapping: JSON.
CREATE TABLE import_file (
  import_id TEXT NOT NULL REFERENCES import_run (id),
  position INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  mapping TEXT,
  date_format TEXT,
  size BIGINT NOT NULL,
  replace_from TEXT,
  replace_to TEXT,
  row_count BIGINT,
  imported BIGINT,
  unchanged BIGINT,
  rejected BIGINT,
  deleted BIGINT,
  PRIMARY KEY (import_id, position)
);

-- Rows that were refused, with the reason. origin: id of the import, or the connection. part: file or stream of it.
CREATE TABLE quarantine (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  origin TEXT NOT NULL,
  position INTEGER NOT NULL,
  part TEXT NOT NULL,
  line BIGINT,
  column_name TEXT,
  record_id TEXT,
  code TEXT NOT NULL,
  message_en TEXT NOT NULL,
  message_zh TEXT NOT NULL,
  raw TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, origin, position)
);
