-- What each channel and each campaign spent itself per month: cost that counts (actual, paid), without shared parts.
-- $1 tenant
SELECT CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE) AS month, channel, campaign_id,
       CAST(sum(minor) AS BIGINT) AS amount
FROM spend
WHERE tenant_id = $1 AND rule IS NULL AND state IN ('actual', 'paid') AND (channel IS NOT NULL OR campaign_id IS NOT NULL)
  AND minor IS NOT NULL
GROUP BY CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE), channel, campaign_id
