-- Rows of the cost ledger, newest first.
-- $1 tenant  $2 $3 days [from, to)  $4 campaigns as 'id,id'; null = any  $5 channel, '(shared)' = none; null = any
-- $6 category; null = any  $7 state; null = any  $8 source; null = any  $9 id at the source; null = any  $10 rows  $11 skip
SELECT c.source, c.source_id, c.date, c.amount_minor, c.currency, c.category, c.state, c.vendor, c.note, c.campaign_id,
       coalesce(p.source, k.source) AS campaign_source, k.source_id AS campaign_source_id, p.name AS campaign_name,
       coalesce(c.channel, p.channel) AS channel, c.campaign_id IS NULL AND c.channel IS NULL AS shared,
       CAST(CASE WHEN fx.factor = 1 THEN c.amount_minor
                 ELSE sign(c.amount_minor) * floor(abs(CAST(c.amount_minor AS DOUBLE PRECISION)) * fx.factor + 0.5)
            END AS BIGINT) AS minor
FROM cost AS c
LEFT JOIN campaign AS p ON p.tenant_id = c.tenant_id AND p.id = c.campaign_id
LEFT JOIN source_key AS k ON k.tenant_id = c.tenant_id AND k.kind = 'campaign' AND k.id = c.campaign_id
LEFT JOIN fx ON fx.tenant_id = c.tenant_id AND fx.currency = c.currency AND c.date >= fx.day_from AND c.date < fx.day_to
WHERE c.tenant_id = $1 AND c.date >= CAST($2 AS DATE) AND c.date < CAST($3 AS DATE)
  AND (CAST($4 AS TEXT) IS NULL
       OR c.campaign_id IN (SELECT CAST(unnest(string_to_array(CAST($4 AS TEXT), ',')) AS BIGINT)))
  AND (CAST($5 AS TEXT) IS NULL OR coalesce(c.channel, p.channel, '(shared)') = CAST($5 AS TEXT))
  AND (CAST($6 AS TEXT) IS NULL OR lower(c.category) = lower(CAST($6 AS TEXT)))
  AND (CAST($7 AS TEXT) IS NULL OR c.state = CAST($7 AS TEXT))
  AND (CAST($8 AS TEXT) IS NULL OR c.source = CAST($8 AS TEXT))
  AND (CAST($9 AS TEXT) IS NULL OR c.source_id = CAST($9 AS TEXT))
ORDER BY c.date DESC, c.source, c.source_id
LIMIT CAST($10 AS BIGINT) OFFSET CAST($11 AS BIGINT)
