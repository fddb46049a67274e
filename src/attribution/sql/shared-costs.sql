-- Spend that neither a channel nor a campaign owns, before any rule.
-- $1 tenant
SELECT cost_id, day, category, state, minor
FROM spend
WHERE tenant_id = $1 AND campaign_id IS NULL AND channel IS NULL AND rule IS NULL AND minor IS NOT NULL
