-- Takes the ledger rows of the owners in scope out of the rollup, before they are recomputed.
-- $1 tenant
INSERT INTO rollup
SELECT c.tenant_id, c.kind, CAST(date_trunc('month', CAST(c.day AS TIMESTAMP)) AS DATE) AS month, c.layer, c.is_new, c.campaign_id, c.channel_id,
       CAST(-sum(c.w_first) AS BIGINT), CAST(-sum(c.w_last) AS BIGINT), CAST(-sum(c.w_last_non_direct) AS BIGINT), CAST(-sum(c.w_linear) AS BIGINT),
       CAST(-sum(c.w_u_position) AS BIGINT), CAST(-sum(c.w_j_position) AS BIGINT), CAST(-sum(c.w_inverse_j_position) AS BIGINT),
       CAST(-sum(c.w_u_milestone) AS BIGINT), CAST(-sum(c.w_u_milestone_50) AS BIGINT), CAST(-sum(c.w_w_milestone) AS BIGINT),
       CAST(-sum(c.w_full_path) AS BIGINT), CAST(-sum(c.w_time_decay) AS BIGINT), CAST(-sum(c.w_custom) AS BIGINT),
       CAST(-sum(c.m_first) AS BIGINT), CAST(-sum(c.m_last) AS BIGINT), CAST(-sum(c.m_last_non_direct) AS BIGINT), CAST(-sum(c.m_linear) AS BIGINT),
       CAST(-sum(c.m_u_position) AS BIGINT), CAST(-sum(c.m_j_position) AS BIGINT), CAST(-sum(c.m_inverse_j_position) AS BIGINT),
       CAST(-sum(c.m_u_milestone) AS BIGINT), CAST(-sum(c.m_u_milestone_50) AS BIGINT), CAST(-sum(c.m_w_milestone) AS BIGINT),
       CAST(-sum(c.m_full_path) AS BIGINT), CAST(-sum(c.m_time_decay) AS BIGINT), CAST(-sum(c.m_custom) AS BIGINT)
FROM credit AS c
WHERE c.tenant_id = $1 AND c.owner_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind IN ('person', 'deal'))
GROUP BY c.tenant_id, c.kind, CAST(date_trunc('month', CAST(c.day AS TIMESTAMP)) AS DATE), c.layer, c.is_new, c.campaign_id, c.channel_id
