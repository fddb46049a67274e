-- A campaign.
-- $1 tenant  $2 campaign
SELECT c.id, c.source, c.source_id, c.name, c.budget_minor, c.currency
FROM campaign AS c
WHERE c.tenant_id = $1 AND c.id = $2
