-- State store, version 11: what people enter by hand, its trail, and alerts. One text for SQLite and PostgreSQL.

-- kind: cost, campaign, rate, budget, dismissal. value: JSON; null = removed, kept for the trail. seq: number of its last
-- change in the workspace; the source `manual` reads on from it.
CREATE TABLE manual_entry (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT,
  seq BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX manual_entry_seq ON manual_entry (tenant_id, seq);

-- Every change of an entry; never rewritten. actor: who did it, null = the program by itself. value_before: null where the
-- entry was new; value_after: null where it was removed.
CREATE TABLE manual_change (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  seq BIGINT NOT NULL,
  entry_id TEXT NOT NULL,
  at TEXT NOT NULL,
  actor TEXT,
  value_before TEXT,
  value_after TEXT,
  reason TEXT,
  PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX manual_change_entry ON manual_change (tenant_id, entry_id, seq);

-- One row per crossing. subject: what it is about, such as a budget; rule: what it crossed; basis: what it was measured
-- against, as text, so that a crossing of another budget is another one. began_on, ended_on: local days. detail: JSON, the
-- figures when it was last looked at.
CREATE TABLE alert (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  id TEXT NOT NULL,
  subject TEXT NOT NULL,
  rule TEXT NOT NULL,
  basis TEXT NOT NULL,
  began_at TEXT NOT NULL,
  began_on TEXT NOT NULL,
  ended_at TEXT,
  ended_on TEXT,
  detail TEXT NOT NULL,
  acknowledged_at TEXT,
  acknowledged_by TEXT,
  note TEXT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX alert_open ON alert (tenant_id, subject, rule) WHERE ended_at IS NULL;
