-- Touches with an id, and what their credit goes by now.
-- $1 tenant  $2 id at the source  $3 source, '' = any
SELECT t.source, t.source_id, c.key AS channel, coalesce(p.source_id, k.source_id) AS campaign
FROM touch AS t
LEFT JOIN channel AS c ON c.tenant_id = t.tenant_id AND c.id = t.channel_id
LEFT JOIN campaign AS p ON p.tenant_id = t.tenant_id AND p.id = t.used_campaign_id
LEFT JOIN source_key AS k ON k.tenant_id = t.tenant_id AND k.kind = 'campaign' AND k.id = t.used_campaign_id
WHERE t.tenant_id = $1 AND t.source_id = $2 AND (CAST($3 AS TEXT) = '' OR t.source = $3)
ORDER BY t.source
