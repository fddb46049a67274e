-- The other side of the check: spend by state, straight from the ledger.
-- $1 tenant  $2 $3 days [from, to)
SELECT state, CAST(coalesce(sum(minor), 0) AS BIGINT) AS minor, count(*) - count(minor) AS fx_missing
FROM spend
WHERE tenant_id = $1 AND day >= CAST($2 AS DATE) AND day < CAST($3 AS DATE)
GROUP BY state
