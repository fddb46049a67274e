-- Fact store, version 5: invoices, dated rates, corrected touches, cost after rates and shared-cost rules, and a ledger
-- that knows layers, refunds and every date a number can be read by. What is derived is made anew by the next recompute.

CREATE TABLE invoice (
  tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
  deal_id BIGINT NOT NULL, amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, issued_at TIMESTAMP NOT NULL,
  attributes TEXT, updated_at TIMESTAMP, row_hash BIGINT NOT NULL
);

-- What one minor unit of a currency is worth in minor units of the workspace's, from day_from to before day_to. Made from
-- the rates; the workspace currency itself has one row with factor 1. A day without a row has no rate (fx_missing).
-- rate: what the factor was made from, in major units (7.2, 1/7.2, 0.9*7.8), and rate_id the record it stood in, of two the
-- first; null where there is none.
CREATE TABLE fx (
  tenant_id INTEGER NOT NULL, currency TEXT NOT NULL, day_from DATE NOT NULL, day_to DATE NOT NULL,
  factor DOUBLE PRECISION NOT NULL, rate TEXT, rate_id BIGINT
);

-- Corrections of touches that people made (F54), as the state store keeps them: a touch is left out, or moved to another
-- channel or campaign. moved: channel_id and campaign_id stand for the touch's own, where they are not null.
CREATE TABLE touch_fix (
  tenant_id INTEGER NOT NULL, touch_id BIGINT NOT NULL, left_out BOOLEAN NOT NULL, moved BOOLEAN NOT NULL,
  channel_id BIGINT, campaign_id BIGINT
);

-- eligible: false where a rule or a correction leaves the touch out of every journey; null and true = in.
-- used_campaign_id: the campaign that gets its credit.
ALTER TABLE touch ADD COLUMN eligible BOOLEAN;
ALTER TABLE touch ADD COLUMN used_campaign_id BIGINT;
UPDATE touch SET used_campaign_id = campaign_id;

-- Touches that one outcome leaves out because better ones precede it (direct handling, campaigns first). Filled and
-- emptied inside a recompute.
CREATE TABLE passed_over (tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, outcome_id BIGINT NOT NULL, touch_id BIGINT NOT NULL);

-- When a person became MQL and SQL under the workspace's rule (F83). Filled and emptied inside a recompute.
CREATE TABLE person_stage (tenant_id INTEGER NOT NULL, person_id BIGINT NOT NULL, mql_at TIMESTAMP, sql_at TIMESTAMP);

-- Cost in the workspace's currency, after shared-cost rules: one row per cost and place it counts at. Parts of a shared cost
-- add up to it. minor: null where no rate is known. rule: id of the shared-cost rule, null where none applied.
-- channel: the channel key it counts at; null = shared.
CREATE TABLE spend (
  tenant_id INTEGER NOT NULL, cost_id BIGINT NOT NULL, day DATE NOT NULL, category TEXT NOT NULL, state TEXT NOT NULL,
  campaign_id BIGINT, channel TEXT, minor BIGINT, rule TEXT
);

DROP TABLE outcome;
DROP TABLE credit;
DROP TABLE rollup;

-- Outcomes: kind 1 lead, 2 mql, 3 sql, 4 opportunity, 5 won, 6 receipt, 7 invoice, 8 refund, 9 lost after it was won. id:
-- person, deal, payment or invoice. owner_id: the person or deal whose change recomputes it. path_start, path_end: first
-- (null = none) and last instant a touch may have. day: local date of occurred_at; opened_day: of the opportunity's creation;
-- cohort_day: of the day the customer was acquired as a lead; null where there is none. amount_minor: in the workspace's
-- currency, 0 with fx_missing where no rate is known; negative for refunds and losses. layer: first | repurchase | referral,
-- of deals. is_new: first won deal of the customer. run: the recompute that wrote it.
CREATE TABLE outcome (
  tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, id BIGINT NOT NULL, owner_id BIGINT NOT NULL,
  customer_id BIGINT, occurred_at TIMESTAMP NOT NULL, day DATE NOT NULL, path_start TIMESTAMP, path_end TIMESTAMP NOT NULL,
  lead_at TIMESTAMP, opened_at TIMESTAMP, opened_day DATE, cohort_day DATE, amount_minor BIGINT NOT NULL, layer TEXT,
  is_new BOOLEAN NOT NULL, fx_missing BOOLEAN NOT NULL, fallback BOOLEAN NOT NULL, run BIGINT NOT NULL
);

-- The credit ledger: one row per outcome and eligible touch, or one row without a touch. w_*: weight under a model in
-- units of 1/720720000000 (the weights of an outcome add up to exactly one); m_*: the outcome's minor units. touch_day:
-- local date of the touch; null without one.
CREATE TABLE credit (
  tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, outcome_id BIGINT NOT NULL, owner_id BIGINT NOT NULL,
  day DATE NOT NULL, opened_day DATE, cohort_day DATE, touch_day DATE, layer TEXT, is_new BOOLEAN NOT NULL,
  touch_id BIGINT, campaign_id BIGINT, channel_id BIGINT, position INTEGER NOT NULL, touches INTEGER NOT NULL, run BIGINT NOT NULL,
  w_first BIGINT NOT NULL, w_last BIGINT NOT NULL, w_last_non_direct BIGINT NOT NULL, w_linear BIGINT NOT NULL,
  w_u_position BIGINT NOT NULL, w_j_position BIGINT NOT NULL, w_inverse_j_position BIGINT NOT NULL,
  w_u_milestone BIGINT NOT NULL, w_u_milestone_50 BIGINT NOT NULL, w_w_milestone BIGINT NOT NULL,
  w_full_path BIGINT NOT NULL, w_time_decay BIGINT NOT NULL, w_custom BIGINT NOT NULL,
  m_first BIGINT NOT NULL, m_last BIGINT NOT NULL, m_last_non_direct BIGINT NOT NULL, m_linear BIGINT NOT NULL,
  m_u_position BIGINT NOT NULL, m_j_position BIGINT NOT NULL, m_inverse_j_position BIGINT NOT NULL,
  m_u_milestone BIGINT NOT NULL, m_u_milestone_50 BIGINT NOT NULL, m_w_milestone BIGINT NOT NULL,
  m_full_path BIGINT NOT NULL, m_time_decay BIGINT NOT NULL, m_custom BIGINT NOT NULL
);

-- Sums of the ledger per month of the outcome, layer, campaign and channel; parts of months and other dates are summed from
-- the ledger. Recomputing a few outcomes appends rows with what changed; readers sum, a full recompute makes one row per
-- cell again. channel_id null = without an eligible touch.
CREATE TABLE rollup (
  tenant_id INTEGER NOT NULL, kind SMALLINT NOT NULL, month DATE NOT NULL, layer TEXT, is_new BOOLEAN NOT NULL,
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

INSERT INTO dirty SELECT DISTINCT tenant_id, 'all', CAST(0 AS BIGINT) FROM source_key;

-- indexed
ALTER TABLE invoice ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE touch_fix ADD PRIMARY KEY (tenant_id, touch_id);
CREATE INDEX invoice_deal ON invoice (tenant_id, deal_id);
CREATE INDEX spend_day ON spend (tenant_id, day);
CREATE INDEX spend_campaign ON spend (tenant_id, campaign_id);
CREATE INDEX spend_cost ON spend (tenant_id, cost_id);
CREATE INDEX outcome_owner ON outcome (tenant_id, owner_id);
CREATE INDEX outcome_customer ON outcome (tenant_id, customer_id);
CREATE INDEX outcome_run ON outcome (run);
CREATE INDEX credit_run ON credit (run);
CREATE INDEX credit_owner ON credit (tenant_id, owner_id);
CREATE INDEX credit_day ON credit (tenant_id, day);
CREATE INDEX credit_campaign ON credit (tenant_id, campaign_id);
CREATE INDEX rollup_month ON rollup (tenant_id, month);
CREATE INDEX rollup_campaign ON rollup (tenant_id, campaign_id);
-- end
