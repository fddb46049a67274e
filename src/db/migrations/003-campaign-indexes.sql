-- Fact store, version 3: what the record view of a campaign looks up.

-- indexed
CREATE INDEX cost_campaign ON cost (tenant_id, campaign_id);
CREATE INDEX credit_campaign ON credit (tenant_id, campaign_id);
CREATE INDEX rollup_campaign ON rollup (tenant_id, campaign_id);
-- end
