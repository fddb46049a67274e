-- Credit by group: sums of weights and minor units under every model, per kind of outcome and layer.
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none  $3 by month as well  $4 $5 whole months [from, to)
-- $6 $7 and $8 $9 days [from, to) of months only partly inside  $10 first days of months to leave out, as 'YYYY-MM-DD,...'
-- Outcomes count at their own local day (lead_at, created_at, closed_at, paid_at ...: basis `close`). group_no is null for credit
-- without an eligible touch, and for places that are not among those given.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), cell AS (
  SELECT kind, is_new, layer, campaign_id, channel_id, month,
         w_first, w_last, w_last_non_direct, w_linear, w_u_position, w_j_position, w_inverse_j_position, w_u_milestone,
         w_u_milestone_50, w_w_milestone, w_full_path, w_time_decay, w_custom, m_first, m_last, m_last_non_direct,
         m_linear, m_u_position, m_j_position, m_inverse_j_position, m_u_milestone, m_u_milestone_50, m_w_milestone,
         m_full_path, m_time_decay, m_custom
  FROM rollup
  WHERE tenant_id = $1 AND month >= CAST($4 AS DATE) AND month < CAST($5 AS DATE)
    AND position(CAST(month AS TEXT) IN CAST($10 AS TEXT)) = 0
  UNION ALL
  SELECT kind, is_new, layer, campaign_id, channel_id, CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE),
         w_first, w_last, w_last_non_direct, w_linear, w_u_position, w_j_position, w_inverse_j_position, w_u_milestone,
         w_u_milestone_50, w_w_milestone, w_full_path, w_time_decay, w_custom, m_first, m_last, m_last_non_direct,
         m_linear, m_u_position, m_j_position, m_inverse_j_position, m_u_milestone, m_u_milestone_50, m_w_milestone,
         m_full_path, m_time_decay, m_custom
  FROM credit
  WHERE tenant_id = $1
    AND (day >= CAST($6 AS DATE) AND day < CAST($7 AS DATE) OR day >= CAST($8 AS DATE) AND day < CAST($9 AS DATE))
)
SELECT CASE WHEN cell.channel_id IS NULL THEN NULL ELSE place.group_no END AS group_no,
       CASE WHEN CAST($3 AS BOOLEAN) THEN substr(CAST(cell.month AS TEXT), 1, 7) END AS month,
       cell.kind, cell.is_new, cell.layer,
       CAST(sum(w_first) AS BIGINT) AS w_first, CAST(sum(w_last) AS BIGINT) AS w_last, CAST(sum(w_last_non_direct) AS
       BIGINT) AS w_last_non_direct, CAST(sum(w_linear) AS BIGINT) AS w_linear, CAST(sum(w_u_position) AS BIGINT) AS
       w_u_position, CAST(sum(w_j_position) AS BIGINT) AS w_j_position, CAST(sum(w_inverse_j_position) AS BIGINT) AS
       w_inverse_j_position, CAST(sum(w_u_milestone) AS BIGINT) AS w_u_milestone, CAST(sum(w_u_milestone_50) AS BIGINT)
       AS w_u_milestone_50, CAST(sum(w_w_milestone) AS BIGINT) AS w_w_milestone, CAST(sum(w_full_path) AS BIGINT) AS
       w_full_path, CAST(sum(w_time_decay) AS BIGINT) AS w_time_decay, CAST(sum(w_custom) AS BIGINT) AS w_custom,
       CAST(sum(m_first) AS BIGINT) AS m_first, CAST(sum(m_last) AS BIGINT) AS m_last, CAST(sum(m_last_non_direct) AS
       BIGINT) AS m_last_non_direct, CAST(sum(m_linear) AS BIGINT) AS m_linear, CAST(sum(m_u_position) AS BIGINT) AS
       m_u_position, CAST(sum(m_j_position) AS BIGINT) AS m_j_position, CAST(sum(m_inverse_j_position) AS BIGINT) AS
       m_inverse_j_position, CAST(sum(m_u_milestone) AS BIGINT) AS m_u_milestone, CAST(sum(m_u_milestone_50) AS BIGINT)
       AS m_u_milestone_50, CAST(sum(m_w_milestone) AS BIGINT) AS m_w_milestone, CAST(sum(m_full_path) AS BIGINT) AS
       m_full_path, CAST(sum(m_time_decay) AS BIGINT) AS m_time_decay, CAST(sum(m_custom) AS BIGINT) AS m_custom
FROM cell
LEFT JOIN place ON place.channel_id = cell.channel_id AND place.campaign_id = coalesce(cell.campaign_id, 0)
GROUP BY 1, 2, cell.kind, cell.is_new, cell.layer
