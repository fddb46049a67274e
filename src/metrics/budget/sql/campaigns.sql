-- Campaigns with what budgets and targets need of them. project: as a person said it; attributes may hold one too.
-- $1 tenant
SELECT c.id, c.source, c.source_id, c.name, c.channel, c.kind, c.paid, c.tier, c.brand, c.parent_id, c.start_date, c.end_date,
       c.budget_minor, c.currency, c.target_leads, c.target_revenue_minor, c.owner, c.region, c.product_line, c.department,
       c.utm_campaign, f.project, c.attributes
FROM campaign AS c
LEFT JOIN campaign_fix AS f ON f.tenant_id = c.tenant_id AND f.campaign_id = c.id
WHERE c.tenant_id = $1
ORDER BY c.source, c.source_id
