-- Adds the ledger rows of one run to the rollup.
-- $1 tenant  $2 run
INSERT INTO rollup
SELECT tenant_id, kind, CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE) AS month, layer, is_new, campaign_id, channel_id,
       CAST(sum(w_first) AS BIGINT), CAST(sum(w_last) AS BIGINT), CAST(sum(w_last_non_direct) AS BIGINT), CAST(sum(w_linear) AS BIGINT),
       CAST(sum(w_u_position) AS BIGINT), CAST(sum(w_j_position) AS BIGINT), CAST(sum(w_inverse_j_position) AS BIGINT),
       CAST(sum(w_u_milestone) AS BIGINT), CAST(sum(w_u_milestone_50) AS BIGINT), CAST(sum(w_w_milestone) AS BIGINT),
       CAST(sum(w_full_path) AS BIGINT), CAST(sum(w_time_decay) AS BIGINT), CAST(sum(w_custom) AS BIGINT),
       CAST(sum(m_first) AS BIGINT), CAST(sum(m_last) AS BIGINT), CAST(sum(m_last_non_direct) AS BIGINT), CAST(sum(m_linear) AS BIGINT),
       CAST(sum(m_u_position) AS BIGINT), CAST(sum(m_j_position) AS BIGINT), CAST(sum(m_inverse_j_position) AS BIGINT),
       CAST(sum(m_u_milestone) AS BIGINT), CAST(sum(m_u_milestone_50) AS BIGINT), CAST(sum(m_w_milestone) AS BIGINT),
       CAST(sum(m_full_path) AS BIGINT), CAST(sum(m_time_decay) AS BIGINT), CAST(sum(m_custom) AS BIGINT)
FROM credit
WHERE tenant_id = $1 AND run = $2
GROUP BY tenant_id, kind, CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE), layer, is_new, campaign_id, channel_id
