-- Credit by group: sums of weights and minor units under every model, per kind of outcome.
-- $1 tenant  $2 dimension  $3 $4 whole months [from, to)  $5 $6 and $7 $8 days [from, to) of months only partly inside
-- Outcomes count at their own local day (lead_at, created_at, closed_at, paid_at: basis `close`). group_key is null for
-- credit without an eligible touch.
WITH cell AS (
  SELECT kind, is_new, campaign_id, channel_id, month,
         w_first, w_last, w_last_non_direct, w_linear, w_u_position, w_j_position, w_inverse_j_position,
         w_u_milestone, w_u_milestone_50, w_w_milestone, w_full_path, w_time_decay, w_custom,
         m_first, m_last, m_last_non_direct, m_linear, m_u_position, m_j_position, m_inverse_j_position,
         m_u_milestone, m_u_milestone_50, m_w_milestone, m_full_path, m_time_decay, m_custom
  FROM rollup
  WHERE tenant_id = $1 AND month >= CAST($3 AS DATE) AND month < CAST($4 AS DATE)
  UNION ALL
  SELECT kind, is_new, campaign_id, channel_id, CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE),
         w_first, w_last, w_last_non_direct, w_linear, w_u_position, w_j_position, w_inverse_j_position,
         w_u_milestone, w_u_milestone_50, w_w_milestone, w_full_path, w_time_decay, w_custom,
         m_first, m_last, m_last_non_direct, m_linear, m_u_position, m_j_position, m_inverse_j_position,
         m_u_milestone, m_u_milestone_50, m_w_milestone, m_full_path, m_time_decay, m_custom
  FROM credit
  WHERE tenant_id = $1
    AND (day >= CAST($5 AS DATE) AND day < CAST($6 AS DATE) OR day >= CAST($7 AS DATE) AND day < CAST($8 AS DATE))
)
SELECT CASE WHEN cell.channel_id IS NULL THEN NULL ELSE
         CASE CAST($2 AS TEXT)
           WHEN 'channel' THEN channel.key
           WHEN 'campaign' THEN coalesce(campaign.source_id, named.source_id, '(none)')
           WHEN 'type' THEN coalesce(campaign.kind, '(none)')
           WHEN 'region' THEN coalesce(campaign.region, '(none)')
           WHEN 'product_line' THEN coalesce(campaign.product_line, '(none)')
           WHEN 'department' THEN coalesce(campaign.department, '(none)')
           WHEN 'month' THEN substr(CAST(cell.month AS TEXT), 1, 7)
           ELSE '' END END AS group_key,
       max(campaign.name) AS campaign_name, cell.kind, cell.is_new,
       CAST(sum(w_first) AS BIGINT) AS w_first, CAST(sum(w_last) AS BIGINT) AS w_last,
       CAST(sum(w_last_non_direct) AS BIGINT) AS w_last_non_direct, CAST(sum(w_linear) AS BIGINT) AS w_linear,
       CAST(sum(w_u_position) AS BIGINT) AS w_u_position, CAST(sum(w_j_position) AS BIGINT) AS w_j_position,
       CAST(sum(w_inverse_j_position) AS BIGINT) AS w_inverse_j_position,
       CAST(sum(w_u_milestone) AS BIGINT) AS w_u_milestone,
       CAST(sum(w_u_milestone_50) AS BIGINT) AS w_u_milestone_50,
       CAST(sum(w_w_milestone) AS BIGINT) AS w_w_milestone, CAST(sum(w_full_path) AS BIGINT) AS w_full_path,
       CAST(sum(w_time_decay) AS BIGINT) AS w_time_decay, CAST(sum(w_custom) AS BIGINT) AS w_custom,
       CAST(sum(m_first) AS BIGINT) AS m_first, CAST(sum(m_last) AS BIGINT) AS m_last,
       CAST(sum(m_last_non_direct) AS BIGINT) AS m_last_non_direct, CAST(sum(m_linear) AS BIGINT) AS m_linear,
       CAST(sum(m_u_position) AS BIGINT) AS m_u_position, CAST(sum(m_j_position) AS BIGINT) AS m_j_position,
       CAST(sum(m_inverse_j_position) AS BIGINT) AS m_inverse_j_position,
       CAST(sum(m_u_milestone) AS BIGINT) AS m_u_milestone,
       CAST(sum(m_u_milestone_50) AS BIGINT) AS m_u_milestone_50,
       CAST(sum(m_w_milestone) AS BIGINT) AS m_w_milestone, CAST(sum(m_full_path) AS BIGINT) AS m_full_path,
       CAST(sum(m_time_decay) AS BIGINT) AS m_time_decay, CAST(sum(m_custom) AS BIGINT) AS m_custom
FROM cell
LEFT JOIN channel ON channel.tenant_id = $1 AND channel.id = cell.channel_id
LEFT JOIN campaign ON campaign.tenant_id = $1 AND campaign.id = cell.campaign_id
LEFT JOIN source_key AS named
  ON named.tenant_id = $1 AND named.kind = 'campaign' AND named.id = cell.campaign_id
GROUP BY 1, cell.kind, cell.is_new
