-- Fact store, version 2: what CRMs tell beyond the files: owners, pipelines, leads, amount history, rates, merges.

ALTER TABLE deal ADD COLUMN owner_id BIGINT;

CREATE TABLE amount_change (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  deal_id BIGINT NOT NULL, amount_minor BIGINT, currency TEXT, changed_at TIMESTAMP NOT NULL,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE lead (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  name TEXT, contact_id BIGINT, account_id BIGINT, owner_id BIGINT, stage TEXT, lead_source TEXT,
  created_at TIMESTAMP, closed_at TIMESTAMP, accepted BOOLEAN,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE owner (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL, email TEXT, team TEXT,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE stage (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  pipeline TEXT NOT NULL, label TEXT NOT NULL, position BIGINT NOT NULL, probability DOUBLE PRECISION,
  closed BOOLEAN NOT NULL, won BOOLEAN NOT NULL,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

-- factor: decimal text, what one unit of currency_from is worth in currency_to from that day on.
CREATE TABLE rate (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  currency_from TEXT NOT NULL, currency_to TEXT NOT NULL, date DATE NOT NULL, factor TEXT NOT NULL,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

-- Records that were merged at their source: whoever names from_id means into_id. kind: contact | account | deal | lead.
CREATE TABLE alias (
  tenant_id INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, from_id BIGINT NOT NULL, into_id BIGINT NOT NULL
);

-- Records of a whole read under way, so that what is gone at the source is known at its end, also after a kill.
CREATE TABLE seen (tenant_id INTEGER NOT NULL, connection TEXT NOT NULL, stream TEXT NOT NULL, id BIGINT NOT NULL);

-- indexed
ALTER TABLE amount_change ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE lead ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE owner ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE stage ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE rate ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE alias ADD PRIMARY KEY (tenant_id, from_id);
CREATE INDEX amount_change_deal ON amount_change (tenant_id, deal_id);
CREATE INDEX seen_stream ON seen (tenant_id, connection, stream);
CREATE INDEX stage_change_deal ON stage_change (tenant_id, deal_id);
-- end
