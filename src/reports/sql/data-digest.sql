-- Number and content of what a workspace's figures are made of, by table, as exact integers in decimal text: the same whatever the
-- order of the rows and the engine.
-- $1 tenant
-- content: sum over what the rows say; places: sum over what they say with their ids, bit by bit, so that two rows that change
-- places make another sum.
SELECT 'campaign' AS name, count(*) AS n, coalesce(CAST(sum(row_hash) AS TEXT), '0') AS content, coalesce(CAST(sum(id & row_hash) AS TEXT), '0') AS places
FROM campaign WHERE tenant_id = $1
UNION ALL SELECT 'cost', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM cost WHERE tenant_id = $1
UNION ALL SELECT 'contact', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM contact WHERE tenant_id = $1
UNION ALL SELECT 'account', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM account WHERE tenant_id = $1
UNION ALL SELECT 'touch', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM touch WHERE tenant_id = $1
UNION ALL SELECT 'deal', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM deal WHERE tenant_id = $1
UNION ALL SELECT 'stage_change', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM stage_change WHERE tenant_id = $1
UNION ALL SELECT 'amount_change', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM amount_change WHERE tenant_id = $1
UNION ALL SELECT 'lead', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM lead WHERE tenant_id = $1
UNION ALL SELECT 'owner', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM owner WHERE tenant_id = $1
UNION ALL SELECT 'stage', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM stage WHERE tenant_id = $1
UNION ALL SELECT 'rate', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM rate WHERE tenant_id = $1
UNION ALL SELECT 'payment', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM payment WHERE tenant_id = $1
UNION ALL SELECT 'invoice', count(*), coalesce(CAST(sum(row_hash) AS TEXT), '0'), coalesce(CAST(sum(id & row_hash) AS TEXT), '0') FROM invoice WHERE tenant_id = $1
-- Locked numbers of closed months, which reports read in place of the records.
UNION ALL SELECT 'closed_month', count(*), coalesce(CAST(sum(digest) AS TEXT), '0'),
  coalesce(CAST(sum(digest & CAST(EXTRACT(YEAR FROM month) * 100 + EXTRACT(MONTH FROM month) AS BIGINT)) AS TEXT), '0')
FROM closed_month WHERE tenant_id = $1
-- Records that were merged at their source, and corrections of touches: what they say is in their ids.
UNION ALL SELECT 'alias', count(*), coalesce(CAST(sum(into_id) AS TEXT), '0'), coalesce(CAST(sum(from_id & into_id) AS TEXT), '0') FROM alias WHERE tenant_id = $1
UNION ALL SELECT 'touch_fix', count(*),
  coalesce(CAST(sum(coalesce(channel_id, 0) & touch_id) + sum(coalesce(campaign_id, 0) & touch_id) AS TEXT), '0'),
  coalesce(CAST(sum(CASE WHEN left_out THEN touch_id ELSE 0 END) + sum(CASE WHEN moved THEN touch_id ELSE 0 END) AS TEXT), '0')
FROM touch_fix WHERE tenant_id = $1
