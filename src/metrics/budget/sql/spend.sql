-- Spend by day, campaign, channel and state, after rates and shared-cost rules. Without a rate: counted, not summed.
-- $1 tenant  $2 $3 days [from, to)
SELECT s.day, s.campaign_id, s.channel, s.state, CAST(coalesce(sum(s.minor), 0) AS BIGINT) AS minor,
       count(*) - count(s.minor) AS fx_missing
FROM spend AS s
WHERE s.tenant_id = $1 AND s.day >= CAST($2 AS DATE) AND s.day < CAST($3 AS DATE)
GROUP BY s.day, s.campaign_id, s.channel, s.state
