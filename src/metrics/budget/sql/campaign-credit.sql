-- Leads and revenue that campaigns are credited with under a model, dated by the outcome.
-- $1 tenant  $2 model  $3 $4 whole months [from, to)  $5 $6 and $7 $8 days [from, to) of months only partly inside
WITH cell AS (
  SELECT kind, campaign_id, w_first, w_last, w_last_non_direct, w_linear, w_u_position, w_j_position, w_inverse_j_position,
         w_u_milestone, w_u_milestone_50, w_w_milestone, w_full_path, w_time_decay, w_custom, m_first, m_last,
         m_last_non_direct, m_linear, m_u_position, m_j_position, m_inverse_j_position, m_u_milestone, m_u_milestone_50,
         m_w_milestone, m_full_path, m_time_decay, m_custom
  FROM rollup
  WHERE tenant_id = $1 AND campaign_id IS NOT NULL AND month >= CAST($3 AS DATE) AND month < CAST($4 AS DATE)
  UNION ALL
  SELECT kind, campaign_id, w_first, w_last, w_last_non_direct, w_linear, w_u_position, w_j_position, w_inverse_j_position,
         w_u_milestone, w_u_milestone_50, w_w_milestone, w_full_path, w_time_decay, w_custom, m_first, m_last,
         m_last_non_direct, m_linear, m_u_position, m_j_position, m_inverse_j_position, m_u_milestone, m_u_milestone_50,
         m_w_milestone, m_full_path, m_time_decay, m_custom
  FROM credit
  WHERE tenant_id = $1 AND campaign_id IS NOT NULL
    AND (day >= CAST($5 AS DATE) AND day < CAST($6 AS DATE) OR day >= CAST($7 AS DATE) AND day < CAST($8 AS DATE))
)
SELECT c.kind, c.campaign_id,
       CAST(sum(CASE CAST($2 AS TEXT)
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
                END) AS BIGINT) AS w,
       CAST(sum(CASE CAST($2 AS TEXT)
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
                END) AS BIGINT) AS m
FROM cell AS c
GROUP BY c.kind, c.campaign_id
