-- Fact store, version 7: what people say about campaigns of sources (F22).

-- A value that is not null stands in the campaign's row in place of the source's own, which is kept here as own_*. currency:
-- of the person's money; amounts of the source in another one do not stand beside it. project: only here.
CREATE TABLE campaign_fix (
  tenant_id INTEGER NOT NULL, campaign_id BIGINT NOT NULL,
  kind TEXT, paid BOOLEAN, tier TEXT, brand BOOLEAN, parent_id BIGINT, start_date DATE, end_date DATE,
  budget_minor BIGINT, currency TEXT, target_leads DOUBLE PRECISION, target_revenue_minor BIGINT, owner TEXT, region TEXT,
  product_line TEXT, department TEXT, project TEXT,
  own_kind TEXT, own_paid BOOLEAN, own_tier TEXT, own_brand BOOLEAN, own_parent_id BIGINT, own_start_date DATE,
  own_end_date DATE, own_budget_minor BIGINT, own_currency TEXT, own_target_leads DOUBLE PRECISION,
  own_target_revenue_minor BIGINT, own_owner TEXT, own_region TEXT, own_product_line TEXT, own_department TEXT
);

-- indexed
ALTER TABLE campaign_fix ADD PRIMARY KEY (tenant_id, campaign_id);
-- end
