-- State store, version 5: people who may sign in, their sessions, and tickets. Nothing in it lets anybody in: passwords are
-- scrypt records, ids of sessions and tickets are SHA-256 in hex of what the browser holds.

CREATE TABLE app_user (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  -- the name as it is compared
  name_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'marketing', 'sales', 'finance')),
  -- 1: all workspaces, also later ones; 0: those of app_user_workspace
  everywhere INTEGER NOT NULL,
  password TEXT NOT NULL,
  created_at TEXT NOT NULL
);

-- Copied before the people of a workspace, who are found by it: no reference to them.
CREATE TABLE app_user_workspace (
  user_id TEXT NOT NULL,
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  PRIMARY KEY (user_id, tenant_id)
);

CREATE TABLE session (
  digest TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL
);
CREATE INDEX session_of_user ON session (user_id);

-- Good for one use: the state of a grant under way, the link that makes the first user. data: JSON.
CREATE TABLE ticket (
  digest TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  data TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
