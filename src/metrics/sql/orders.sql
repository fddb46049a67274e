-- Orders of a period (M37): won deals at their amount, whatever became of them later.
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none  $3 model  $4 $5 whole months [from, to)  $6 $7 and $8 $9 days
-- [from, to) of months only partly inside
-- group_no: -2 orders without an eligible touch; else the group under the model. orders: weight in units of 1/720720000000; amount:
-- minor units.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), cell AS (
  SELECT c.campaign_id, c.channel_id,
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
  FROM rollup AS c
  WHERE c.tenant_id = $1 AND c.kind = 5 AND c.month >= CAST($4 AS DATE) AND c.month < CAST($5 AS DATE)
  UNION ALL
  SELECT c.campaign_id, c.channel_id,
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
  WHERE c.tenant_id = $1 AND c.kind = 5
    AND (c.day >= CAST($6 AS DATE) AND c.day < CAST($7 AS DATE) OR c.day >= CAST($8 AS DATE) AND c.day < CAST($9 AS DATE))
)
SELECT CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no, CAST(sum(c.w) AS BIGINT) AS orders, CAST(sum(c.m) AS BIGINT) AS amount
FROM cell AS c
LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
GROUP BY 1
