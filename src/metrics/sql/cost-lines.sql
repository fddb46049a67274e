-- The cost rows behind a sum, newest first, with sums over all pages.
-- $1 tenant  $2 places as texts parted by the record separator (30), campaign:channel; campaign 0 = none; null = all  $3 $4 days [from, to)  $5 only media
-- (category ads)  $6 rows  $7 skip
-- minor: in the workspace's currency, after shared-cost rules; amount_minor, currency: as it was entered; factor: what one
-- was converted with.
WITH place AS (
  SELECT unnest(string_to_array(CAST($2 AS TEXT), chr(30))) AS name
), line AS (
  SELECT cost.source_id, cost.source, s.day AS date, s.minor, cost.amount_minor, cost.currency, s.category, s.state, s.rule,
         cost.vendor, cost.note, coalesce(campaign.name, named.source_id) AS campaign, s.channel, s.campaign_id
  FROM spend AS s
  JOIN cost ON cost.tenant_id = s.tenant_id AND cost.id = s.cost_id
  LEFT JOIN campaign ON campaign.tenant_id = s.tenant_id AND campaign.id = s.campaign_id
  LEFT JOIN source_key AS named
    ON named.tenant_id = s.tenant_id AND named.kind = 'campaign' AND named.id = s.campaign_id
  WHERE s.tenant_id = $1 AND s.state IN ('actual', 'paid') AND s.minor IS NOT NULL
    AND s.day >= CAST($3 AS DATE) AND s.day < CAST($4 AS DATE)
    AND (s.category = 'ads' OR NOT CAST($5 AS BOOLEAN))
    AND (CAST($2 AS TEXT) IS NULL
         OR CAST(coalesce(s.campaign_id, 0) AS TEXT) || ':' || coalesce(s.channel, '') IN (SELECT name FROM place))
)
SELECT line.*, fx.rate, CAST(count(*) OVER () AS BIGINT) AS all_count, CAST(sum(minor) OVER () AS BIGINT) AS all_amount
FROM line
LEFT JOIN fx ON fx.tenant_id = $1 AND fx.currency = line.currency AND line.date >= fx.day_from AND line.date < fx.day_to
ORDER BY date DESC, source_id, coalesce(line.channel, ''), coalesce(line.campaign_id, 0)
LIMIT CAST($6 AS BIGINT) OFFSET CAST($7 AS BIGINT)
