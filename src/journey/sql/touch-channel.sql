-- Gives every touch its channel: its own (given, or found by a rule), else its campaign's, else the unknown one.
-- $1 tenant  $2 id of the unknown channel
UPDATE touch SET channel_id = found.channel_id
FROM (
  SELECT t.id, coalesce(t.own_channel_id, c.channel_id, CAST($2 AS BIGINT)) AS channel_id
  FROM touch AS t
  LEFT JOIN campaign AS c ON c.tenant_id = t.tenant_id AND c.id = t.campaign_id
  WHERE t.tenant_id = $1 AND t.channel_id <> coalesce(t.own_channel_id, c.channel_id, CAST($2 AS BIGINT))
) AS found
WHERE touch.tenant_id = $1 AND touch.id = found.id
