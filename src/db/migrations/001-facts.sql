-- Fact store, version 1: what sources hold, the journeys drawn from it, and the credit ledger.
-- One text for DuckDB and PostgreSQL. Lines between "-- indexed" and "-- end" run only on engines whose profile has
-- `indexes` (DuckDB keeps big tables without keys: engine.md §2). Money is minor units, instants are UTC.

CREATE TABLE campaign (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL, channel TEXT, channel_id BIGINT, kind TEXT, paid BOOLEAN, tier TEXT, brand BOOLEAN,
  parent_id BIGINT, start_date DATE, end_date DATE, budget_minor BIGINT, currency TEXT, target_leads DOUBLE PRECISION,
  target_revenue_minor BIGINT, owner TEXT, region TEXT, product_line TEXT, department TEXT, utm_campaign TEXT,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE cost (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  date DATE NOT NULL, amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, category TEXT NOT NULL,
  campaign_id BIGINT, channel TEXT, channel_id BIGINT, state TEXT NOT NULL, vendor TEXT, note TEXT,
  impressions DOUBLE PRECISION, clicks DOUBLE PRECISION,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

-- email_key, phone_key, external_key: surrogates of the normalized values, the edges of identity stitching.
-- person_id: the contact's person after stitching, named by the surrogate of the person's oldest contact.
CREATE TABLE contact (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  email TEXT, phone TEXT, external_id TEXT, email_key BIGINT, phone_key BIGINT, external_key BIGINT,
  person_id BIGINT NOT NULL, account_id BIGINT, name TEXT,
  created_at TIMESTAMP NOT NULL, lead_at TIMESTAMP, mql_at TIMESTAMP, sql_at TIMESTAMP, lead_source TEXT, region TEXT, industry TEXT,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE account (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL, domain TEXT, industry TEXT, region TEXT, size TEXT,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

-- ref_id: the person as the source names it (contact, e-mail or phone key); person_id: who that is after stitching.
-- own_channel_id: given or found by a channel rule; channel_id: with the campaign's channel as the fallback.
CREATE TABLE touch (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT COLLATE "C" NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  ref_id BIGINT NOT NULL, person_id BIGINT NOT NULL, occurred_at TIMESTAMP NOT NULL, sequence BIGINT,
  channel TEXT, own_channel_id BIGINT, channel_id BIGINT NOT NULL, campaign_id BIGINT, kind TEXT,
  utm_source TEXT, utm_medium TEXT, utm_campaign TEXT, utm_content TEXT, utm_term TEXT,
  click_id TEXT, referrer TEXT, landing_url TEXT, creative TEXT,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE deal (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  name TEXT, account_id BIGINT, contact_refs TEXT, amount_minor BIGINT, currency TEXT, stage TEXT,
  created_at TIMESTAMP, closed_at TIMESTAMP, won BOOLEAN, layer TEXT, product_line TEXT, region TEXT, department TEXT,
  product_cost_minor BIGINT,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE stage_change (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  deal_id BIGINT NOT NULL, stage TEXT NOT NULL, changed_at TIMESTAMP NOT NULL,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

CREATE TABLE payment (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  deal_id BIGINT NOT NULL, amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, paid_at TIMESTAMP NOT NULL,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

-- The people a deal names, as the source names them.
CREATE TABLE deal_contact (tenant_id INTEGER NOT NULL, deal_id BIGINT NOT NULL, ref_id BIGINT NOT NULL);

-- Text of every reference seen, so that a record that has not arrived yet keeps its name.
CREATE TABLE source_key (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, source_id TEXT NOT NULL
);

-- Channels by their key. custom_factor: thousandths, the channel's weight under the model `custom`.
CREATE TABLE channel (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, key TEXT NOT NULL,
  is_direct BOOLEAN NOT NULL, custom_factor DOUBLE PRECISION NOT NULL
);

-- References that lead to a person other than themselves: e-mail, phone and external keys of known contacts, and the
-- ids of contacts merged into an older one.
CREATE TABLE identity (tenant_id INTEGER NOT NULL, ref_id BIGINT NOT NULL, person_id BIGINT NOT NULL);

-- The people whose touches make a deal's journey. fallback: the deal names nobody, so its account's contacts stand in.
CREATE TABLE deal_person (
  tenant_id INTEGER NOT NULL, deal_id BIGINT NOT NULL, person_id BIGINT NOT NULL, fallback BOOLEAN NOT NULL
);

-- Outcomes: kind 1 lead, 2 mql, 3 sql, 4 opportunity, 5 won, 6 receipt. id: person, deal or payment.
-- owner_id: the person or deal whose change recomputes it. path_end: last instant a touch may have. day: local date of
-- occurred_at. run: the recompute that wrote it. is_new: first won deal of the customer.
CREATE TABLE outcome (
  tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, id BIGINT NOT NULL, owner_id BIGINT NOT NULL,
  customer_id BIGINT, occurred_at TIMESTAMP NOT NULL, day DATE NOT NULL, path_end TIMESTAMP NOT NULL,
  lead_at TIMESTAMP, opened_at TIMESTAMP, amount_minor BIGINT NOT NULL, is_new BOOLEAN NOT NULL,
  fallback BOOLEAN NOT NULL, run BIGINT NOT NULL
);

-- The credit ledger: one row per outcome and eligible touch, or one row without a touch. w_*: weight under a model in
-- units of 1/720720000000 (the weights of an outcome add up to exactly one); m_*: the outcome's minor units.
CREATE TABLE credit (
  tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, outcome_id BIGINT NOT NULL, owner_id BIGINT NOT NULL,
  day DATE NOT NULL, is_new BOOLEAN NOT NULL, touch_id BIGINT, campaign_id BIGINT, channel_id BIGINT,
  position INTEGER NOT NULL, touches INTEGER NOT NULL, run BIGINT NOT NULL,
  w_first BIGINT NOT NULL, w_last BIGINT NOT NULL, w_last_non_direct BIGINT NOT NULL, w_linear BIGINT NOT NULL,
  w_u_position BIGINT NOT NULL, w_j_position BIGINT NOT NULL, w_inverse_j_position BIGINT NOT NULL,
  w_u_milestone BIGINT NOT NULL, w_u_milestone_50 BIGINT NOT NULL, w_w_milestone BIGINT NOT NULL,
  w_full_path BIGINT NOT NULL, w_time_decay BIGINT NOT NULL, w_custom BIGINT NOT NULL,
  m_first BIGINT NOT NULL, m_last BIGINT NOT NULL, m_last_non_direct BIGINT NOT NULL, m_linear BIGINT NOT NULL,
  m_u_position BIGINT NOT NULL, m_j_position BIGINT NOT NULL, m_inverse_j_position BIGINT NOT NULL,
  m_u_milestone BIGINT NOT NULL, m_u_milestone_50 BIGINT NOT NULL, m_w_milestone BIGINT NOT NULL,
  m_full_path BIGINT NOT NULL, m_time_decay BIGINT NOT NULL, m_custom BIGINT NOT NULL
);

-- Sums of the ledger per month of the outcome, campaign and channel; parts of months are summed from the ledger. Recomputing a few outcomes appends rows with what changed; readers
-- sum, a full recompute makes one row per cell again. channel_id null = without an eligible touch.
CREATE TABLE rollup (
  tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, month DATE NOT NULL, is_new BOOLEAN NOT NULL,
  campaign_id BIGINT, channel_id BIGINT,
  w_first BIGINT NOT NULL, w_last BIGINT NOT NULL, w_last_non_direct BIGINT NOT NULL, w_linear BIGINT NOT NULL,
  w_u_position BIGINT NOT NULL, w_j_position BIGINT NOT NULL, w_inverse_j_position BIGINT NOT NULL,
  w_u_milestone BIGINT NOT NULL, w_u_milestone_50 BIGINT NOT NULL, w_w_milestone BIGINT NOT NULL,
  w_full_path BIGINT NOT NULL, w_time_decay BIGINT NOT NULL, w_custom BIGINT NOT NULL,
  m_first BIGINT NOT NULL, m_last BIGINT NOT NULL, m_last_non_direct BIGINT NOT NULL, m_linear BIGINT NOT NULL,
  m_u_position BIGINT NOT NULL, m_j_position BIGINT NOT NULL, m_inverse_j_position BIGINT NOT NULL,
  m_u_milestone BIGINT NOT NULL, m_u_milestone_50 BIGINT NOT NULL, m_w_milestone BIGINT NOT NULL,
  m_full_path BIGINT NOT NULL, m_time_decay BIGINT NOT NULL, m_custom BIGINT NOT NULL
);

-- What changed since the last recompute, written with the rows that changed, so that a kill in between loses nothing.
-- kind: all | ref (a person reference) | account (whose contacts changed) | deal | campaign.
CREATE TABLE dirty (tenant_id INTEGER NOT NULL, kind TEXT NOT NULL, id BIGINT NOT NULL);

-- What a recompute works on; filled and emptied inside its transaction. kind: contact | person | deal.
CREATE TABLE scope (tenant_id INTEGER NOT NULL, kind TEXT NOT NULL, id BIGINT NOT NULL);

-- Where each stream of each connection resumes; saved with the rows it covers.
CREATE TABLE sync_cursor (
  tenant_id INTEGER NOT NULL, connection TEXT NOT NULL, stream TEXT NOT NULL, cursor TEXT NOT NULL
);

-- indexed
ALTER TABLE campaign ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE cost ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE contact ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE account ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE touch ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE deal ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE stage_change ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE payment ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE source_key ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE channel ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE identity ADD PRIMARY KEY (tenant_id, ref_id);
ALTER TABLE sync_cursor ADD PRIMARY KEY (tenant_id, connection, stream);
CREATE INDEX touch_person ON touch (tenant_id, person_id, occurred_at);
CREATE INDEX touch_ref ON touch (tenant_id, ref_id);
CREATE INDEX touch_campaign ON touch (tenant_id, campaign_id);
CREATE INDEX contact_email ON contact (tenant_id, email_key);
CREATE INDEX contact_phone ON contact (tenant_id, phone_key);
CREATE INDEX contact_external ON contact (tenant_id, external_key);
CREATE INDEX contact_person ON contact (tenant_id, person_id);
CREATE INDEX contact_account ON contact (tenant_id, account_id);
CREATE INDEX deal_account ON deal (tenant_id, account_id);
CREATE INDEX deal_contact_deal ON deal_contact (tenant_id, deal_id);
CREATE INDEX deal_contact_ref ON deal_contact (tenant_id, ref_id);
CREATE INDEX deal_person_deal ON deal_person (tenant_id, deal_id);
CREATE INDEX deal_person_person ON deal_person (tenant_id, person_id);
CREATE INDEX identity_person ON identity (tenant_id, person_id);
CREATE INDEX payment_deal ON payment (tenant_id, deal_id);
CREATE INDEX outcome_owner ON outcome (tenant_id, owner_id);
CREATE INDEX outcome_customer ON outcome (tenant_id, customer_id);
CREATE INDEX outcome_run ON outcome (run);
CREATE INDEX credit_run ON credit (run);
CREATE INDEX credit_owner ON credit (tenant_id, owner_id);
CREATE INDEX credit_day ON credit (tenant_id, day);
CREATE INDEX rollup_month ON rollup (tenant_id, month);
-- end
