-- What rules share out of the costs that neither a campaign nor a channel owns, and what stays shared (rule null).
-- $1 tenant  $2 $3 days [from, to)
SELECT s.rule, count(DISTINCT c.id) AS n, CAST(sum(s.minor) AS BIGINT) AS minor
FROM cost AS c
JOIN spend AS s ON s.tenant_id = c.tenant_id AND s.cost_id = c.id
WHERE c.tenant_id = $1 AND c.campaign_id IS NULL AND c.channel IS NULL AND s.minor IS NOT NULL
  AND c.date >= CAST($2 AS DATE) AND c.date < CAST($3 AS DATE)
GROUP BY s.rule
