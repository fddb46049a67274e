-- The ledger rows behind a cost, newest first, with sums over all pages.
-- $1 tenant  $2 dimension  $3 group key; null = all  $4 $5 days [from, to)  $6 workspace currency  $7 rows  $8 skip
-- $9 only media (category ads)
WITH line AS (
  SELECT cost.source_id, cost.date, cost.amount_minor, cost.category, cost.state, cost.vendor, cost.note,
         coalesce(campaign.name, named.source_id) AS campaign, coalesce(cost.channel, campaign.channel) AS channel
  FROM cost
  LEFT JOIN campaign ON campaign.tenant_id = cost.tenant_id AND campaign.id = cost.campaign_id
  LEFT JOIN source_key AS named
    ON named.tenant_id = cost.tenant_id AND named.kind = 'campaign' AND named.id = cost.campaign_id
  WHERE cost.tenant_id = $1 AND cost.state IN ('actual', 'paid') AND cost.currency = $6
    AND cost.date >= CAST($4 AS DATE) AND cost.date < CAST($5 AS DATE)
    AND (cost.category = 'ads' OR NOT CAST($9 AS BOOLEAN))
    AND (CAST($3 AS TEXT) IS NULL OR CAST($3 AS TEXT) = CASE CAST($2 AS TEXT)
      WHEN 'channel' THEN coalesce(cost.channel, campaign.channel, '(shared)')
      WHEN 'campaign' THEN coalesce(campaign.source_id, named.source_id, '(shared)')
      WHEN 'type' THEN coalesce(campaign.kind, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
      WHEN 'region' THEN coalesce(campaign.region, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
      WHEN 'product_line'
        THEN coalesce(campaign.product_line, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
      WHEN 'department'
        THEN coalesce(campaign.department, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
      WHEN 'month' THEN substr(CAST(cost.date AS TEXT), 1, 7)
    END)
)
SELECT line.*, CAST(count(*) OVER () AS BIGINT) AS all_count, CAST(sum(amount_minor) OVER () AS BIGINT) AS all_amount
FROM line
ORDER BY date DESC, source_id
LIMIT CAST($7 AS BIGINT) OFFSET CAST($8 AS BIGINT)
