-- Exchange rates of all sources, newest first, with their number.
-- $1 tenant  $2 currency on either side; null = any  $3 rows  $4 skip
SELECT source, date, currency_from, currency_to, factor, count(*) OVER () AS n
FROM rate
WHERE tenant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR CAST($2 AS TEXT) IN (currency_from, currency_to))
ORDER BY date DESC, currency_from, currency_to, source, source_id
LIMIT CAST($3 AS BIGINT) OFFSET CAST($4 AS BIGINT)
