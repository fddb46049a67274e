-- Fact store, version 6: locked numbers of closed months (F144), a copy of what the state store holds. Reports over whole closed
-- months read these in place of the ledger and spend; whatever is written later leaves them as they are.

-- close_id: the close they are of. digest: of everything locked. currency: what its money is in.
CREATE TABLE closed_month (
  tenant_id INTEGER NOT NULL, month DATE NOT NULL, close_id TEXT NOT NULL, currency TEXT NOT NULL, digest BIGINT NOT NULL
);

-- Where locked credit and cost lies. id: of what it says. keys: JSON, the group it belongs to by dimension, read whole and never
-- queried. name: of its campaign. costed: a cost was known of it.
CREATE TABLE closed_place (tenant_id INTEGER NOT NULL, id BIGINT NOT NULL, keys TEXT NOT NULL, name TEXT, costed BOOLEAN NOT NULL);

-- Locked sums of the ledger, as rollup has them; place_id null = without an eligible touch.
CREATE TABLE closed_cell (
  tenant_id INTEGER NOT NULL, month DATE NOT NULL, place_id BIGINT, kind INTEGER NOT NULL, is_new BOOLEAN NOT NULL, layer TEXT,
  w_first BIGINT NOT NULL, w_last BIGINT NOT NULL, w_last_non_direct BIGINT NOT NULL, w_linear BIGINT NOT NULL,
  w_u_position BIGINT NOT NULL, w_j_position BIGINT NOT NULL, w_inverse_j_position BIGINT NOT NULL,
  w_u_milestone BIGINT NOT NULL, w_u_milestone_50 BIGINT NOT NULL, w_w_milestone BIGINT NOT NULL,
  w_full_path BIGINT NOT NULL, w_time_decay BIGINT NOT NULL, w_custom BIGINT NOT NULL,
  m_first BIGINT NOT NULL, m_last BIGINT NOT NULL, m_last_non_direct BIGINT NOT NULL, m_linear BIGINT NOT NULL,
  m_u_position BIGINT NOT NULL, m_j_position BIGINT NOT NULL, m_inverse_j_position BIGINT NOT NULL,
  m_u_milestone BIGINT NOT NULL, m_u_milestone_50 BIGINT NOT NULL, m_w_milestone BIGINT NOT NULL,
  m_full_path BIGINT NOT NULL, m_time_decay BIGINT NOT NULL, m_custom BIGINT NOT NULL
);

-- Locked cost by place: minor units and rows, of media among them; fx_missing: rows that no rate was known for.
CREATE TABLE closed_spend (
  tenant_id INTEGER NOT NULL, month DATE NOT NULL, place_id BIGINT NOT NULL, cost BIGINT NOT NULL, media BIGINT NOT NULL,
  cost_rows BIGINT NOT NULL, media_rows BIGINT NOT NULL, fx_missing BIGINT NOT NULL
);

-- What the CRM said of the month when it was closed, by revenue basis: the other side of the reconciliation.
CREATE TABLE closed_total (
  tenant_id INTEGER NOT NULL, month DATE NOT NULL, basis TEXT NOT NULL, won_minor BIGINT NOT NULL, deals BIGINT NOT NULL,
  fx_missing BIGINT NOT NULL
);

-- indexed
CREATE INDEX closed_month_tenant ON closed_month (tenant_id, month);
CREATE INDEX closed_place_tenant ON closed_place (tenant_id);
CREATE INDEX closed_cell_month ON closed_cell (tenant_id, month);
CREATE INDEX closed_spend_month ON closed_spend (tenant_id, month);
CREATE INDEX closed_total_month ON closed_total (tenant_id, month);
-- end
