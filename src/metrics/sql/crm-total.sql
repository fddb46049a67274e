-- What the CRM says was won, straight from its deals and untouched by attribution: the other side of the
-- reconciliation (F141).
-- $1 tenant  $2 $3 instants [from, to), UTC, of the period's local days  $4 workspace currency
SELECT CAST(coalesce(sum(amount_minor) FILTER (WHERE currency = $4), 0) AS BIGINT) AS won_minor,
       count(*) AS deals,
       count(*) FILTER (WHERE currency <> $4) AS fx_missing
FROM deal
WHERE tenant_id = $1 AND won AND amount_minor IS NOT NULL
  AND closed_at >= CAST($2 AS TIMESTAMP) AND closed_at < CAST($3 AS TIMESTAMP)
