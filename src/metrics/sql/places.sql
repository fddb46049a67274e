-- Where credit lies: every pair of campaign and channel in the ledger, with what people group campaigns by.
-- $1 tenant
WITH pair AS (
  SELECT DISTINCT campaign_id, channel_id FROM rollup WHERE tenant_id = $1 AND channel_id IS NOT NULL
)
SELECT p.campaign_id, p.channel_id, channel.key AS channel
FROM pair AS p
JOIN channel ON channel.tenant_id = $1 AND channel.id = p.channel_id
