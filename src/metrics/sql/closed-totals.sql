-- What the CRM said of closed months when they were closed (F144).
-- $1 tenant  $2 revenue basis  $3 first days of the months as 'YYYY-MM-DD,...'
SELECT CAST(coalesce(sum(won_minor), 0) AS BIGINT) AS won_minor, CAST(coalesce(sum(deals), 0) AS BIGINT) AS deals,
       CAST(coalesce(sum(fx_missing), 0) AS BIGINT) AS fx_missing
FROM closed_total
WHERE tenant_id = $1 AND basis = CAST($2 AS TEXT)
  AND month IN (SELECT CAST(x AS DATE) FROM unnest(string_to_array(CAST($3 AS TEXT), ',')) AS u(x))
