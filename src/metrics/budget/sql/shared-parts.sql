-- Parts of shared costs.
-- $1 tenant  $2 costs as 'id,id'
SELECT s.cost_id, s.channel, s.campaign_id, coalesce(p.source, k.source) AS campaign_source, k.source_id AS campaign_source_id,
       p.name AS campaign_name, s.minor
FROM spend AS s
LEFT JOIN campaign AS p ON p.tenant_id = s.tenant_id AND p.id = s.campaign_id
LEFT JOIN source_key AS k ON k.tenant_id = s.tenant_id AND k.kind = 'campaign' AND k.id = s.campaign_id
WHERE s.tenant_id = $1 AND s.rule IS NOT NULL
  AND s.cost_id IN (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT))
ORDER BY s.minor DESC, k.source, k.source_id, s.channel
