-- State store, version 6: sessions of the panel inside the pages of other applications. No secret is kept: opens and renews
-- are SHA-256 in hex of what opens a session (once, within a minute) and of what renews its short-lived tokens.

CREATE TABLE embed_session (
  id TEXT NOT NULL PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  connection_id TEXT NOT NULL,
  -- who asked, as the host names them: portal:user
  subject TEXT NOT NULL,
  -- one wish is one session, however often it is sent
  request_id TEXT NOT NULL,
  locale TEXT NOT NULL,
  -- both null: the whole workspace
  record_type TEXT,
  record_id TEXT,
  opens TEXT NOT NULL UNIQUE,
  opens_until TEXT NOT NULL,
  opened_at TEXT,
  renews TEXT UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  UNIQUE (tenant_id, subject, request_id)
);
