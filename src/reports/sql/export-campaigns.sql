-- Every campaign of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, r.name, r.channel, r.kind AS type, r.paid, r.tier, r.brand, parent.source_id AS parent_id,
       r.start_date, r.end_date, r.budget_minor AS budget, r.currency, r.target_leads,
       r.target_revenue_minor AS target_revenue, r.owner, r.region, r.product_line, r.department, r.utm_campaign, r.source
FROM campaign AS r
LEFT JOIN source_key AS parent ON parent.tenant_id = r.tenant_id AND parent.kind = 'campaign' AND parent.id = r.parent_id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
