-- State store, version 12: touches that people corrected. One text for SQLite and PostgreSQL.

-- touch: its id at its source. action: leave_out, move. channel, campaign (an id at campaign_source): where it is moved, null =
-- stays. was_channel, was_campaign: where it was before. seq: number of the last change of a correction in the workspace: the
-- facts follow it. author, revoked_by: null = the program by itself. One correction of a touch holds at a time.
CREATE TABLE correction (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  touch_source TEXT NOT NULL,
  touch TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('leave_out', 'move')),
  channel TEXT,
  campaign_source TEXT,
  campaign TEXT,
  reason TEXT NOT NULL,
  author TEXT,
  at TEXT NOT NULL,
  was_channel TEXT,
  was_campaign TEXT,
  revoked_at TEXT,
  revoked_by TEXT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX correction_holds ON correction (tenant_id, touch_source, touch) WHERE revoked_at IS NULL;
