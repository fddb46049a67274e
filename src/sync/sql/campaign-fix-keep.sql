-- Keeps what sources say of the campaigns in scope beside what people say of them. Before campaign-fix-apply.sql, on rows as
-- their source gave them.
-- $1 tenant
UPDATE campaign_fix SET
  own_kind = c.kind, own_paid = c.paid, own_tier = c.tier, own_brand = c.brand, own_parent_id = c.parent_id,
  own_start_date = c.start_date, own_end_date = c.end_date, own_budget_minor = c.budget_minor, own_currency = c.currency,
  own_target_leads = c.target_leads, own_target_revenue_minor = c.target_revenue_minor, own_owner = c.owner,
  own_region = c.region, own_product_line = c.product_line, own_department = c.department
FROM campaign AS c
WHERE campaign_fix.tenant_id = $1 AND c.tenant_id = $1 AND c.id = campaign_fix.campaign_id
  AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'fixed')
