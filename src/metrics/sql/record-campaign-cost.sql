-- Cost of a campaign (M1: actual and paid, after rates and shared-cost rules) by currency: the workspace's, $3, for what is
-- converted, and the original's for what no rate leads from.
-- $1 tenant  $2 campaign  $3 workspace currency
SELECT CASE WHEN s.minor IS NULL THEN c.currency ELSE CAST($3 AS TEXT) END AS currency,
       CAST(sum(coalesce(s.minor, c.amount_minor)) AS BIGINT) AS amount_minor, count(*) AS cost_rows
FROM spend AS s
JOIN cost AS c ON c.tenant_id = s.tenant_id AND c.id = s.cost_id
WHERE s.tenant_id = $1 AND s.campaign_id = $2 AND s.state IN ('actual', 'paid')
GROUP BY 1
ORDER BY 1
