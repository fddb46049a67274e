-- The ledger of a won deal under a model: one row per eligible touch, or one without a touch.
-- $1 tenant  $2 deal  $3 model
SELECT c.outcome_id, c.touch_id, c.channel_id, c.campaign_id, c.position,
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
FROM credit AS c
WHERE c.tenant_id = $1 AND c.owner_id = $2 AND c.kind = 5
