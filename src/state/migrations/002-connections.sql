-- State store, version 2: connections with their sealed secrets, leases, drift. One text for SQLite and PostgreSQL.

CREATE TABLE connection (
  id TEXT NOT NULL PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  connector TEXT NOT NULL,
  external_account_id TEXT NOT NULL,
  source TEXT NOT NULL,
  title TEXT NOT NULL,
  -- JSON, without secrets
  settings TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'paused', 'reconnect', 'failed', 'incomplete')),
  every_minutes INTEGER,
  created_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT,
  complete_at TEXT,
  resume_at TEXT,
  -- JSON
  result TEXT,
  UNIQUE (connector, external_account_id),
  UNIQUE (tenant_id, source)
);

-- Sealed with AES-256-GCM under the key named beside it; bound to tenant, connection and field.
CREATE TABLE secret (
  connection_id TEXT NOT NULL REFERENCES connection (id),
  field TEXT NOT NULL,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  PRIMARY KEY (connection_id, field)
);

-- The right to do something alone. expires_at: UTC text.
CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at TEXT NOT NULL
);

-- Fields of a source's answers that were not as expected, once per field and day.
CREATE TABLE drift (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  connection_id TEXT NOT NULL,
  stream TEXT NOT NULL,
  field TEXT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, stream, field, kind, day)
);
