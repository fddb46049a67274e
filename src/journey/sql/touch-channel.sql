-- Gives every touch what its credit goes by: its campaign, and its own channel (given, or found by a rule), else its
-- campaign's, else the unknown one. Takes back what corrections and rules that are gone had made of it.
-- $1 tenant  $2 id of the unknown channel
UPDATE touch SET channel_id = found.channel_id, used_campaign_id = found.campaign_id, eligible = NULL
FROM (
  SELECT t.id, t.campaign_id, coalesce(t.own_channel_id, c.channel_id, CAST($2 AS BIGINT)) AS channel_id
  FROM touch AS t
  LEFT JOIN campaign AS c ON c.tenant_id = t.tenant_id AND c.id = t.campaign_id
  WHERE t.tenant_id = $1
    AND (t.channel_id <> coalesce(t.own_channel_id, c.channel_id, CAST($2 AS BIGINT))
      OR t.used_campaign_id IS DISTINCT FROM t.campaign_id OR t.eligible IS NOT NULL)
) AS found
WHERE touch.tenant_id = $1 AND touch.id = found.id
