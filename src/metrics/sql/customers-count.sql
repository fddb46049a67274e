-- Customers acquired in a period: how many, how old, how many came again, how many left (M16, M19).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to) of
-- acquisition: the customer's first won deal  $6 months of the horizon  $7 today, local day  $8 days without an order after which a
-- customer has left  $9 by month of acquisition as well
-- group_no: as in customers-value.sql. Weights in units of 1/720720000000: customers; mature: acquired a horizon ago or earlier;
-- repeated: of those, with two orders or more inside it; gone. days: weight x days from acquisition until they left or today, as text.
-- An order is a deal that was won and stayed won.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), acquired AS (
  SELECT o.id, o.customer_id, o.day, CAST(o.day + CAST($6 AS INTEGER) * INTERVAL '1 month' AS DATE) AS horizon
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 5 AND o.is_new AND o.day >= CAST($4 AS DATE) AND o.day < CAST($5 AS DATE)
), ordered AS (
  SELECT a.id, a.day, a.horizon, count(*) FILTER (WHERE o.day < a.horizon) AS orders,
         max(o.day) + CAST($8 AS INTEGER) AS leaves
  FROM acquired AS a
  JOIN outcome AS o ON o.tenant_id = $1 AND o.customer_id = a.customer_id
  WHERE o.kind = 5 AND NOT EXISTS (SELECT 1 FROM outcome AS x WHERE x.tenant_id = $1 AND x.kind = 9 AND x.id = o.id)
  GROUP BY a.id, a.day, a.horizon
), stay AS (
  SELECT id, CASE WHEN CAST($9 AS BOOLEAN) THEN substr(CAST(day AS TEXT), 1, 7) END AS month, orders,
         horizon <= CAST($7 AS DATE) AS mature, leaves <= CAST($7 AS DATE) AS gone,
         greatest(least(leaves, CAST($7 AS DATE)) - day, 0) AS days
  FROM ordered
)
SELECT -1 AS group_no, s.month,
       CAST(sum(720720000000) AS BIGINT) AS customers, CAST(coalesce(sum(720720000000) FILTER (WHERE s.mature), 0) AS BIGINT) AS mature,
       CAST(coalesce(sum(720720000000) FILTER (WHERE s.mature AND s.orders >= 2), 0) AS BIGINT) AS repeated,
       CAST(coalesce(sum(720720000000) FILTER (WHERE s.gone), 0) AS BIGINT) AS gone,
       CAST(sum(CAST(720720000000 AS DECIMAL(19, 0)) * CAST(s.days AS DECIMAL(19, 0))) AS TEXT) AS days
FROM stay AS s
GROUP BY s.month
UNION ALL
SELECT CASE WHEN p.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no, s.month,
       CAST(sum(p.w) AS BIGINT) AS customers, CAST(coalesce(sum(p.w) FILTER (WHERE s.mature), 0) AS BIGINT) AS mature,
       CAST(coalesce(sum(p.w) FILTER (WHERE s.mature AND s.orders >= 2), 0) AS BIGINT) AS repeated,
       CAST(coalesce(sum(p.w) FILTER (WHERE s.gone), 0) AS BIGINT) AS gone,
       CAST(sum(CAST(p.w AS DECIMAL(19, 0)) * CAST(s.days AS DECIMAL(19, 0))) AS TEXT) AS days
FROM stay AS s
JOIN (
  SELECT c.outcome_id, c.channel_id, c.campaign_id,
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
         END AS w
  FROM credit AS c
  WHERE c.tenant_id = $1 AND c.kind = 5 AND c.is_new AND c.day >= CAST($4 AS DATE) AND c.day < CAST($5 AS DATE)
    AND CAST($2 AS TEXT) <> ''
) AS p ON p.outcome_id = s.id
LEFT JOIN place ON place.channel_id = p.channel_id AND place.campaign_id = coalesce(p.campaign_id, 0)
GROUP BY 1, 2
