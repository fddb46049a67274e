-- Every touch of a deal's people, with its credit for the win where it has any, oldest first.
-- $1 tenant  $2 deal  $3 model  $4 rows
-- w: units of 1/720720000000, m: minor units of the workspace's currency; null where the touch does not count.
SELECT t.source_id, t.occurred_at, channel.key AS channel, coalesce(campaign.name, named.source_id) AS campaign, t.eligible,
       coalesce(fix.left_out, FALSE) AS left_out, c.position, c.touches,
       CASE CAST($3 AS TEXT)
         WHEN 'first' THEN c.w_first
         WHEN 'last' THEN c.w_last
         WHEN 'last_non_direct' THEN c.w_last_non_direct
         WHEN 'linear' THEN c.w_linear
         WHEN 'u_position' THEN c.w_u_position
         WHEN 'j_position' THEN c.w_j_position
         WHEN 'inverse_j_position' THEN c.w_inverse_j_position
         WHEN 'u_milestone' THEN c.w_u_milestone
         WHEN 'u_milestone_50' THEN c.w_u_milestone_50
         WHEN 'w_milestone' THEN c.w_w_milestone
         WHEN 'full_path' THEN c.w_full_path
         WHEN 'time_decay' THEN c.w_time_decay
         WHEN 'custom' THEN c.w_custom
       END AS w,
       CASE CAST($3 AS TEXT)
         WHEN 'first' THEN c.m_first
         WHEN 'last' THEN c.m_last
         WHEN 'last_non_direct' THEN c.m_last_non_direct
         WHEN 'linear' THEN c.m_linear
         WHEN 'u_position' THEN c.m_u_position
         WHEN 'j_position' THEN c.m_j_position
         WHEN 'inverse_j_position' THEN c.m_inverse_j_position
         WHEN 'u_milestone' THEN c.m_u_milestone
         WHEN 'u_milestone_50' THEN c.m_u_milestone_50
         WHEN 'w_milestone' THEN c.m_w_milestone
         WHEN 'full_path' THEN c.m_full_path
         WHEN 'time_decay' THEN c.m_time_decay
         WHEN 'custom' THEN c.m_custom
       END AS m
FROM touch AS t
JOIN (SELECT DISTINCT person_id FROM deal_person WHERE tenant_id = $1 AND deal_id = $2) AS p ON p.person_id = t.person_id
LEFT JOIN credit AS c ON c.tenant_id = $1 AND c.kind = 5 AND c.outcome_id = $2 AND c.touch_id = t.id
LEFT JOIN channel ON channel.tenant_id = $1 AND channel.id = t.channel_id
LEFT JOIN campaign ON campaign.tenant_id = $1 AND campaign.id = t.used_campaign_id
LEFT JOIN source_key AS named ON named.tenant_id = $1 AND named.kind = 'campaign' AND named.id = t.used_campaign_id
LEFT JOIN touch_fix AS fix ON fix.tenant_id = $1 AND fix.touch_id = t.id
WHERE t.tenant_id = $1
ORDER BY t.occurred_at, c.position NULLS FIRST, t.sequence NULLS LAST, t.source, t.source_id
LIMIT CAST($4 AS BIGINT)
