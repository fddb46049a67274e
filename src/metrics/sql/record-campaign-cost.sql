-- Cost of a campaign (M1: actual and paid) by currency.
-- $1 tenant  $2 campaign
SELECT currency, CAST(sum(amount_minor) AS BIGINT) AS amount_minor, count(*) AS cost_rows
FROM cost
WHERE tenant_id = $1 AND campaign_id = $2 AND state IN ('actual', 'paid')
GROUP BY currency
ORDER BY currency COLLATE "C"
