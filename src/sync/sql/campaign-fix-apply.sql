-- Puts what people say of the campaigns in scope in the place of what their source says. After campaign-fix-keep.sql.
-- $1 tenant
UPDATE campaign SET
  kind = coalesce(f.kind, f.own_kind), paid = coalesce(f.paid, f.own_paid), tier = coalesce(f.tier, f.own_tier),
  brand = coalesce(f.brand, f.own_brand), parent_id = coalesce(f.parent_id, f.own_parent_id),
  start_date = coalesce(f.start_date, f.own_start_date), end_date = coalesce(f.end_date, f.own_end_date),
  budget_minor = coalesce(f.budget_minor, CASE WHEN coalesce(f.currency = f.own_currency, TRUE) THEN f.own_budget_minor END),
  currency = coalesce(f.currency, f.own_currency), target_leads = coalesce(f.target_leads, f.own_target_leads),
  target_revenue_minor = coalesce(f.target_revenue_minor,
    CASE WHEN coalesce(f.currency = f.own_currency, TRUE) THEN f.own_target_revenue_minor END),
  owner = coalesce(f.owner, f.own_owner), region = coalesce(f.region, f.own_region),
  product_line = coalesce(f.product_line, f.own_product_line), department = coalesce(f.department, f.own_department)
FROM campaign_fix AS f
WHERE campaign.tenant_id = $1 AND f.tenant_id = $1 AND f.campaign_id = campaign.id
  AND campaign.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'fixed')
