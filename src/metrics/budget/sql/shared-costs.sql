-- Costs that neither a campaign nor a channel owns, newest first, with what rules made of them. Those without a rate are not
-- among them.
-- $1 tenant  $2 $3 days [from, to)  $4 rows  $5 skip
SELECT c.id, c.source, c.source_id, c.date, c.category, c.state, CAST(sum(s.minor) AS BIGINT) AS minor, max(s.rule) AS rule
FROM cost AS c
JOIN spend AS s ON s.tenant_id = c.tenant_id AND s.cost_id = c.id
WHERE c.tenant_id = $1 AND c.campaign_id IS NULL AND c.channel IS NULL AND s.minor IS NOT NULL
  AND c.date >= CAST($2 AS DATE) AND c.date < CAST($3 AS DATE)
GROUP BY c.id, c.source, c.source_id, c.date, c.category, c.state
ORDER BY c.date DESC, c.source, c.source_id
LIMIT CAST($4 AS BIGINT) OFFSET CAST($5 AS BIGINT)
