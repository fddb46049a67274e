-- What cost rows say of delivery (M24, M25): the rows behind delivery.sql, newest first.
-- $1 tenant  $2 places as texts parted by the record separator (30), campaign:channel; campaign 0 = none; null = all
-- $3 $4 days [from, to)  $5 which: impressions, clicks  $6 rows  $7 skip
-- thousandths: of impressions or clicks; minor: spend of the row in minor units of the workspace's currency.
WITH place AS (
  SELECT unnest(string_to_array(CAST($2 AS TEXT), chr(30))) AS name
), told AS (
  SELECT s.campaign_id, s.channel, s.day, s.minor, s.rule, c.source, c.source_id,
         CASE CAST($5 AS TEXT) WHEN 'clicks' THEN c.clicks ELSE c.impressions END AS told,
         CASE WHEN s.rule IS NULL THEN 1
              WHEN sum(s.minor) OVER cost = 0 THEN CAST(1 AS DOUBLE PRECISION) / count(*) OVER cost
              ELSE CAST(s.minor AS DOUBLE PRECISION) / CAST(sum(s.minor) OVER cost AS DOUBLE PRECISION) END AS part
  FROM spend AS s
  JOIN cost AS c ON c.tenant_id = s.tenant_id AND c.id = s.cost_id
  WHERE s.tenant_id = $1 AND s.state IN ('actual', 'paid') AND s.day >= CAST($3 AS DATE) AND s.day < CAST($4 AS DATE)
    AND (c.impressions IS NOT NULL OR c.clicks IS NOT NULL)
  WINDOW cost AS (PARTITION BY s.cost_id)
)
SELECT t.source_id, t.source, coalesce(campaign.name, named.source_id) AS campaign, t.channel, t.day, t.rule, t.minor,
       CAST(floor(t.told * t.part * 1000 + 0.5) AS BIGINT) AS thousandths, count(*) OVER () AS all_count
FROM told AS t
LEFT JOIN campaign ON campaign.tenant_id = $1 AND campaign.id = t.campaign_id
LEFT JOIN source_key AS named ON named.tenant_id = $1 AND named.kind = 'campaign' AND named.id = t.campaign_id
WHERE t.minor IS NOT NULL AND t.told IS NOT NULL
  AND (CAST($2 AS TEXT) IS NULL
       OR CAST(coalesce(t.campaign_id, 0) AS TEXT) || ':' || coalesce(t.channel, '') IN (SELECT name FROM place))
ORDER BY t.day DESC, t.source, t.source_id, coalesce(t.channel, ''), coalesce(t.campaign_id, 0)
LIMIT CAST($6 AS BIGINT) OFFSET CAST($7 AS BIGINT)
