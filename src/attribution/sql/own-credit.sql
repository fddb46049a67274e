-- Credit of each channel and each campaign per month: weight units of leads and minor units of revenue.
-- $1 tenant  $2 model  $3 revenue basis: 'booked' (won, refunds, losses), 'invoiced', 'cash'
SELECT r.month, c.key AS channel, r.campaign_id,
       CAST(sum(CASE CAST($2 AS TEXT)
                  WHEN 'first' THEN r.w_first
                  WHEN 'last' THEN r.w_last
                  WHEN 'last_non_direct' THEN r.w_last_non_direct
                  WHEN 'linear' THEN r.w_linear
                  WHEN 'u_position' THEN r.w_u_position
                  WHEN 'j_position' THEN r.w_j_position
                  WHEN 'inverse_j_position' THEN r.w_inverse_j_position
                  WHEN 'u_milestone' THEN r.w_u_milestone
                  WHEN 'u_milestone_50' THEN r.w_u_milestone_50
                  WHEN 'w_milestone' THEN r.w_w_milestone
                  WHEN 'full_path' THEN r.w_full_path
                  WHEN 'time_decay' THEN r.w_time_decay
                  WHEN 'custom' THEN r.w_custom
                END) FILTER (WHERE r.kind = 1) AS BIGINT) AS leads,
       CAST(sum(CASE CAST($2 AS TEXT)
                  WHEN 'first' THEN r.m_first
                  WHEN 'last' THEN r.m_last
                  WHEN 'last_non_direct' THEN r.m_last_non_direct
                  WHEN 'linear' THEN r.m_linear
                  WHEN 'u_position' THEN r.m_u_position
                  WHEN 'j_position' THEN r.m_j_position
                  WHEN 'inverse_j_position' THEN r.m_inverse_j_position
                  WHEN 'u_milestone' THEN r.m_u_milestone
                  WHEN 'u_milestone_50' THEN r.m_u_milestone_50
                  WHEN 'w_milestone' THEN r.m_w_milestone
                  WHEN 'full_path' THEN r.m_full_path
                  WHEN 'time_decay' THEN r.m_time_decay
                  WHEN 'custom' THEN r.m_custom
                END) FILTER (WHERE r.kind <> 1) AS BIGINT) AS revenue
FROM rollup AS r
JOIN channel AS c ON c.tenant_id = r.tenant_id AND c.id = r.channel_id
WHERE r.tenant_id = $1
  AND (r.kind = 1 OR CASE CAST($3 AS TEXT) WHEN 'invoiced' THEN r.kind = 7 WHEN 'cash' THEN r.kind = 6
                                           ELSE r.kind IN (5, 8, 9) END)
GROUP BY r.month, c.key, r.campaign_id
