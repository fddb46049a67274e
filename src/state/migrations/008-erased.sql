-- State store, version 8: contacts that privacy erased at their source, and who did what. One text for SQLite and PostgreSQL.

-- Nothing about a person: contact is the surrogate of the contact's id at its source in decimal, 63 bits of a digest. The
-- facts can be rebuilt, this cannot: whatever brings one of these contacts again brings it without what is personal.
CREATE TABLE tombstone (
  tenant_id INTEGER NOT NULL REFERENCES workspace (tenant_id),
  source TEXT NOT NULL,
  contact TEXT NOT NULL,
  erased_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, contact)
);

-- actor: who did it, null = the program by itself. tenant_id null: of the installation, not of one workspace.
ALTER TABLE audit RENAME TO audit_before;
CREATE TABLE audit (
  id BIGINT NOT NULL PRIMARY KEY,
  tenant_id INTEGER REFERENCES workspace (tenant_id),
  at TEXT NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  value_before TEXT,
  value_after TEXT
);
INSERT INTO audit (id, tenant_id, at, action, subject, value_before, value_after)
  SELECT id, tenant_id, at, action, subject, value_before, value_after FROM audit_before;
DROP TABLE audit_before;
CREATE INDEX audit_tenant ON audit (tenant_id, id);
