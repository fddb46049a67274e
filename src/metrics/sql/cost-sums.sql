-- Cost by group (M1): actual and paid rows of the ledger by spend date.
-- $1 tenant  $2 dimension  $3 $4 days [from, to)  $5 workspace currency
-- A cost belongs to its own channel, else to its campaign's, else to the shared one. Money in another currency has no
-- rate here: it is left out of the sum and counted in fx_missing.
SELECT CASE CAST($2 AS TEXT)
         WHEN 'channel' THEN coalesce(cost.channel, campaign.channel, '(shared)')
         WHEN 'campaign' THEN coalesce(campaign.source_id, named.source_id, '(shared)')
         WHEN 'type' THEN coalesce(campaign.kind, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
         WHEN 'region' THEN coalesce(campaign.region, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
         WHEN 'product_line'
           THEN coalesce(campaign.product_line, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
         WHEN 'department'
           THEN coalesce(campaign.department, CASE WHEN cost.campaign_id IS NULL THEN '(shared)' ELSE '(none)' END)
         WHEN 'month' THEN substr(CAST(cost.date AS TEXT), 1, 7)
         ELSE '' END AS group_key,
       max(campaign.name) AS campaign_name,
       CAST(coalesce(sum(cost.amount_minor) FILTER (WHERE cost.currency = $5), 0) AS BIGINT) AS cost,
       CAST(coalesce(sum(cost.amount_minor) FILTER (WHERE cost.currency = $5 AND cost.category = 'ads'), 0) AS BIGINT)
         AS media,
       count(*) FILTER (WHERE cost.currency = $5) AS cost_rows,
       count(*) FILTER (WHERE cost.currency = $5 AND cost.category = 'ads') AS media_rows,
       count(*) FILTER (WHERE cost.currency <> $5) AS fx_missing
FROM cost
LEFT JOIN campaign ON campaign.tenant_id = cost.tenant_id AND campaign.id = cost.campaign_id
LEFT JOIN source_key AS named
  ON named.tenant_id = cost.tenant_id AND named.kind = 'campaign' AND named.id = cost.campaign_id
WHERE cost.tenant_id = $1 AND cost.state IN ('actual', 'paid')
  AND cost.date >= CAST($3 AS DATE) AND cost.date < CAST($4 AS DATE)
GROUP BY 1
