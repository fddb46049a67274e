-- Touches of a campaign by channel.
-- $1 tenant  $2 campaign
SELECT t.channel_id, count(*) AS touches
FROM touch AS t
WHERE t.tenant_id = $1 AND t.campaign_id = $2
GROUP BY t.channel_id
