-- What a campaign is credited with under a model, by kind of outcome and channel; first_*: under `first`, which gives the
-- whole outcome to the campaign of its first eligible touch (sourced, product.md §1).
-- $1 tenant  $2 campaign  $3 model
SELECT r.kind, r.channel_id,
       CAST(sum(CASE CAST($3 AS TEXT)
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
                END) AS BIGINT) AS w,
       CAST(sum(CASE CAST($3 AS TEXT)
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
                END) AS BIGINT) AS m,
       CAST(sum(r.w_first) AS BIGINT) AS first_w, CAST(sum(r.m_first) AS BIGINT) AS first_m
FROM rollup AS r
WHERE r.tenant_id = $1 AND r.campaign_id = $2
GROUP BY r.kind, r.channel_id
