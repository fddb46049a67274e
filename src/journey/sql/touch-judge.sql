-- Gives every touch what its credit goes by where there are corrections or rules of eligibility; else touch-channel.sql does.
-- Its campaign: the one a correction moved it to, else its own. Its channel: the one a correction moved it to, else that of
-- the campaign it was moved to, else its own (given, or found by a rule), else that of its campaign, else the unknown one.
-- Whether it counts: not where a correction or a rule leaves it out.
-- $1 tenant  $2 id of the unknown channel  $3 channels whose touches do not count, as '12,34'  $4 kinds that do not count, with
-- U+001F between them  $5 whether touches without a kind do not count
UPDATE touch SET channel_id = found.channel_id, used_campaign_id = found.campaign_id, eligible = found.eligible
FROM (
  WITH barred_channel AS (
    SELECT CAST(x AS BIGINT) AS id FROM unnest(string_to_array(CAST($3 AS TEXT), ',')) AS u(x) WHERE x <> ''
  ), barred_kind AS (
    SELECT x AS kind FROM unnest(string_to_array(CAST($4 AS TEXT), chr(31))) AS u(x) WHERE x <> ''
  ), placed AS (
    SELECT t.id, t.kind, t.channel_id AS old_channel, t.used_campaign_id AS old_campaign, t.eligible AS old_eligible,
           f.left_out, coalesce(f.campaign_id, t.campaign_id) AS campaign_id,
           coalesce(f.channel_id, CASE WHEN f.campaign_id IS NOT NULL THEN c.channel_id END, t.own_channel_id, c.channel_id,
                    CAST($2 AS BIGINT)) AS channel_id
    FROM touch AS t
    LEFT JOIN touch_fix AS f ON f.tenant_id = t.tenant_id AND f.touch_id = t.id
    LEFT JOIN campaign AS c ON c.tenant_id = t.tenant_id AND c.id = coalesce(f.campaign_id, t.campaign_id)
    WHERE t.tenant_id = $1
  ), judged AS (
    SELECT p.*,
           CASE WHEN p.left_out OR p.kind IS NULL AND CAST($5 AS BOOLEAN)
                  OR p.channel_id IN (SELECT id FROM barred_channel) OR p.kind IN (SELECT kind FROM barred_kind)
                THEN FALSE END AS eligible
    FROM placed AS p
  )
  SELECT id, channel_id, campaign_id, eligible FROM judged
  WHERE channel_id <> old_channel OR campaign_id IS DISTINCT FROM old_campaign OR eligible IS DISTINCT FROM old_eligible
) AS found
WHERE touch.tenant_id = $1 AND touch.id = found.id
