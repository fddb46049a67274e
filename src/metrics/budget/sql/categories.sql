-- Cost rows of some days by category, whatever their state.
-- $1 tenant  $2 $3 days [from, to)
SELECT lower(category) AS category, count(*) AS n FROM cost
WHERE tenant_id = $1 AND date >= CAST($2 AS DATE) AND date < CAST($3 AS DATE)
GROUP BY lower(category)
