-- Puts the campaigns in scope back to what their source says.
-- $1 tenant
UPDATE campaign SET
  kind = f.own_kind, paid = f.own_paid, tier = f.own_tier, brand = f.own_brand, parent_id = f.own_parent_id,
  start_date = f.own_start_date, end_date = f.own_end_date, budget_minor = f.own_budget_minor, currency = f.own_currency,
  target_leads = f.own_target_leads, target_revenue_minor = f.own_target_revenue_minor, owner = f.own_owner,
  region = f.own_region, product_line = f.own_product_line, department = f.own_department
FROM campaign_fix AS f
WHERE campaign.tenant_id = $1 AND f.tenant_id = $1 AND f.campaign_id = campaign.id
  AND campaign.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'fixed')
