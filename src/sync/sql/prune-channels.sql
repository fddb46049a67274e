-- Forgets channels that nothing belongs to any more, except the one of touches that nothing explains.
-- $1 tenant  $2 id of the unknown channel
DELETE FROM channel AS c
WHERE c.tenant_id = $1 AND c.id <> CAST($2 AS BIGINT) AND NOT EXISTS (
  SELECT 1 FROM (
    SELECT channel_id AS id FROM campaign WHERE tenant_id = $1
    UNION ALL SELECT channel_id FROM cost WHERE tenant_id = $1
    UNION ALL SELECT own_channel_id FROM touch WHERE tenant_id = $1
    UNION ALL SELECT channel_id FROM touch WHERE tenant_id = $1
    UNION ALL SELECT channel_id FROM touch_fix WHERE tenant_id = $1
  ) AS used
  WHERE used.id = c.id
)
