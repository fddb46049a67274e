-- Ids of touches that stand beside an id in their order.
-- $1 tenant  $2 id
(SELECT source_id FROM touch WHERE tenant_id = $1 AND source_id < $2 ORDER BY source_id DESC LIMIT 20)
UNION ALL
(SELECT source_id FROM touch WHERE tenant_id = $1 AND source_id > $2 ORDER BY source_id LIMIT 20)
