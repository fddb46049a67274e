-- Locked credit of closed months by group (F144): sums of weights and minor units, as ledger-sums.sql has them of the others.
-- $1 tenant  $2 places as 'place:group,...'  $3 by month as well  $4 first days of the months as 'YYYY-MM-DD,...'
-- group_no is null for credit without an eligible touch.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS place_id, CAST(split_part(x, ':', 2) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
)
SELECT place.group_no, CASE WHEN CAST($3 AS BOOLEAN) THEN substr(CAST(cell.month AS TEXT), 1, 7) END AS month,
       cell.kind, cell.is_new, cell.layer,
       CAST(sum(cell.w_first) AS BIGINT) AS w_first, CAST(sum(cell.w_last) AS BIGINT) AS w_last,
       CAST(sum(cell.w_last_non_direct) AS BIGINT) AS w_last_non_direct, CAST(sum(cell.w_linear) AS BIGINT) AS w_linear,
       CAST(sum(cell.w_u_position) AS BIGINT) AS w_u_position, CAST(sum(cell.w_j_position) AS BIGINT) AS w_j_position,
       CAST(sum(cell.w_inverse_j_position) AS BIGINT) AS w_inverse_j_position,
       CAST(sum(cell.w_u_milestone) AS BIGINT) AS w_u_milestone,
       CAST(sum(cell.w_u_milestone_50) AS BIGINT) AS w_u_milestone_50,
       CAST(sum(cell.w_w_milestone) AS BIGINT) AS w_w_milestone, CAST(sum(cell.w_full_path) AS BIGINT) AS w_full_path,
       CAST(sum(cell.w_time_decay) AS BIGINT) AS w_time_decay, CAST(sum(cell.w_custom) AS BIGINT) AS w_custom,
       CAST(sum(cell.m_first) AS BIGINT) AS m_first, CAST(sum(cell.m_last) AS BIGINT) AS m_last,
       CAST(sum(cell.m_last_non_direct) AS BIGINT) AS m_last_non_direct, CAST(sum(cell.m_linear) AS BIGINT) AS m_linear,
       CAST(sum(cell.m_u_position) AS BIGINT) AS m_u_position, CAST(sum(cell.m_j_position) AS BIGINT) AS m_j_position,
       CAST(sum(cell.m_inverse_j_position) AS BIGINT) AS m_inverse_j_position,
       CAST(sum(cell.m_u_milestone) AS BIGINT) AS m_u_milestone,
       CAST(sum(cell.m_u_milestone_50) AS BIGINT) AS m_u_milestone_50,
       CAST(sum(cell.m_w_milestone) AS BIGINT) AS m_w_milestone, CAST(sum(cell.m_full_path) AS BIGINT) AS m_full_path,
       CAST(sum(cell.m_time_decay) AS BIGINT) AS m_time_decay, CAST(sum(cell.m_custom) AS BIGINT) AS m_custom
FROM closed_cell AS cell
LEFT JOIN place ON place.place_id = cell.place_id
WHERE cell.tenant_id = $1 AND cell.month IN (SELECT CAST(x AS DATE) FROM unnest(string_to_array(CAST($4 AS TEXT), ',')) AS u(x))
GROUP BY 1, 2, cell.kind, cell.is_new, cell.layer
