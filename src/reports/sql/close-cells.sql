-- The ledger of one month as it is locked (F144): sums by campaign, channel, kind of outcome and layer.
-- $1 tenant  $2 first day of the month
SELECT campaign_id, channel_id, kind, is_new, layer,
       CAST(sum(w_first) AS BIGINT) AS w_first, CAST(sum(w_last) AS BIGINT) AS w_last,
       CAST(sum(w_last_non_direct) AS BIGINT) AS w_last_non_direct, CAST(sum(w_linear) AS BIGINT) AS w_linear,
       CAST(sum(w_u_position) AS BIGINT) AS w_u_position, CAST(sum(w_j_position) AS BIGINT) AS w_j_position,
       CAST(sum(w_inverse_j_position) AS BIGINT) AS w_inverse_j_position,
       CAST(sum(w_u_milestone) AS BIGINT) AS w_u_milestone, CAST(sum(w_u_milestone_50) AS BIGINT) AS w_u_milestone_50,
       CAST(sum(w_w_milestone) AS BIGINT) AS w_w_milestone, CAST(sum(w_full_path) AS BIGINT) AS w_full_path,
       CAST(sum(w_time_decay) AS BIGINT) AS w_time_decay, CAST(sum(w_custom) AS BIGINT) AS w_custom,
       CAST(sum(m_first) AS BIGINT) AS m_first, CAST(sum(m_last) AS BIGINT) AS m_last,
       CAST(sum(m_last_non_direct) AS BIGINT) AS m_last_non_direct, CAST(sum(m_linear) AS BIGINT) AS m_linear,
       CAST(sum(m_u_position) AS BIGINT) AS m_u_position, CAST(sum(m_j_position) AS BIGINT) AS m_j_position,
       CAST(sum(m_inverse_j_position) AS BIGINT) AS m_inverse_j_position,
       CAST(sum(m_u_milestone) AS BIGINT) AS m_u_milestone, CAST(sum(m_u_milestone_50) AS BIGINT) AS m_u_milestone_50,
       CAST(sum(m_w_milestone) AS BIGINT) AS m_w_milestone, CAST(sum(m_full_path) AS BIGINT) AS m_full_path,
       CAST(sum(m_time_decay) AS BIGINT) AS m_time_decay, CAST(sum(m_custom) AS BIGINT) AS m_custom
FROM rollup
WHERE tenant_id = $1 AND month = CAST($2 AS DATE)
GROUP BY campaign_id, channel_id, kind, is_new, layer
