-- What costs say of delivery (M24): impressions, clicks, and the spend of the rows that tell them.
-- $1 tenant  $2 $3 days [from, to)
-- By campaign and channel: impressions, clicks in thousandths; shown_for, clicked_for: minor units of rows that tell impressions, clicks.
-- A shared cost carries them to the places it was shared out to as it carries its money. Rows whose currency has no rate are left out of
-- all and counted in fx_missing.
WITH told AS (
  SELECT s.campaign_id, s.channel, s.minor, c.impressions, c.clicks,
         CASE WHEN s.rule IS NULL THEN 1
              WHEN sum(s.minor) OVER cost = 0 THEN CAST(1 AS DOUBLE PRECISION) / count(*) OVER cost
              ELSE CAST(s.minor AS DOUBLE PRECISION) / CAST(sum(s.minor) OVER cost AS DOUBLE PRECISION) END AS part
  FROM spend AS s
  JOIN cost AS c ON c.tenant_id = s.tenant_id AND c.id = s.cost_id
  WHERE s.tenant_id = $1 AND s.state IN ('actual', 'paid') AND s.day >= CAST($2 AS DATE) AND s.day < CAST($3 AS DATE)
    AND (c.impressions IS NOT NULL OR c.clicks IS NOT NULL)
  WINDOW cost AS (PARTITION BY s.cost_id)
)
SELECT campaign_id, channel,
       -- Whole thousandths, so that the order of the sum changes nothing.
       coalesce(sum(floor(impressions * part * 1000 + 0.5)) FILTER (WHERE minor IS NOT NULL), 0) AS impressions,
       coalesce(sum(floor(clicks * part * 1000 + 0.5)) FILTER (WHERE minor IS NOT NULL), 0) AS clicks,
       CAST(coalesce(sum(minor) FILTER (WHERE impressions IS NOT NULL), 0) AS BIGINT) AS shown_for,
       CAST(coalesce(sum(minor) FILTER (WHERE clicks IS NOT NULL), 0) AS BIGINT) AS clicked_for,
       count(*) FILTER (WHERE minor IS NULL) AS fx_missing
FROM told
GROUP BY campaign_id, channel
