-- Median sales cycle of deals won in a span of days (M14): days from lead to won. Deals whose lead came after the win are left out.
-- $1 tenant  $2 $3 days [from, to)
SELECT CAST(percentile_cont(0.5) WITHIN GROUP (
         ORDER BY CAST(EXTRACT(EPOCH FROM occurred_at - lead_at) AS DOUBLE PRECISION) / 86400) AS DOUBLE PRECISION) AS days
FROM outcome
WHERE tenant_id = $1 AND kind = 5 AND lead_at <= occurred_at AND day >= CAST($2 AS DATE) AND day < CAST($3 AS DATE)
