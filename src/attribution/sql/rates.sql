-- Rates of a workspace, each pair and day once, in the order of days: what a person entered counts before what a source
-- says, then sources and their ids by their bytes.
-- $1 tenant
SELECT DISTINCT ON (currency_from, currency_to, date) id, currency_from, currency_to, date, factor
FROM rate
WHERE tenant_id = $1 AND currency_from <> currency_to
ORDER BY currency_from, currency_to, date, CASE WHEN source = 'manual' THEN 0 ELSE 1 END, source, source_id
