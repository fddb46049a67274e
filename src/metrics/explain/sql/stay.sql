-- Customers acquired in a period (M16, M19): the rows behind customers-count.sql, oldest first.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without, '(whole)'
-- = every one once  $3 model  $4 $5 days [from, to) of acquisition  $6 months of the horizon
-- $7 today, local day  $8 days without an order after which a customer has left  $9 which: customers, mature, repeated, left
-- $10 rows  $11 skip
-- weight: of the deal that acquired the customer, units of 1/720720000000. orders: those inside the horizon.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x NOT IN ('', '(unattributed)', '(whole)')
), part AS (
  SELECT c.outcome_id, CAST(sum(CASE CAST($3 AS TEXT)
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
         END) AS BIGINT) AS w
  FROM credit AS c
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE c.tenant_id = $1 AND c.kind = 5 AND c.is_new AND c.day >= CAST($4 AS DATE) AND c.day < CAST($5 AS DATE)
    AND CASE
      WHEN CAST($2 AS TEXT) = '(whole)' THEN TRUE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($2 AS TEXT) IS NULL THEN TRUE
      ELSE place.channel_id IS NOT NULL
    END
  GROUP BY c.outcome_id
), acquired AS (
  SELECT o.id, o.customer_id, o.day, CAST(o.day + CAST($6 AS INTEGER) * INTERVAL '1 month' AS DATE) AS horizon
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 5 AND o.is_new AND o.day >= CAST($4 AS DATE) AND o.day < CAST($5 AS DATE)
), ordered AS (
  SELECT a.id, a.day, a.horizon, count(*) FILTER (WHERE o.day < a.horizon) AS orders, max(o.day) AS last_order,
         max(o.day) + CAST($8 AS INTEGER) AS leaves
  FROM acquired AS a
  JOIN outcome AS o ON o.tenant_id = $1 AND o.customer_id = a.customer_id
  WHERE o.kind = 5 AND o.id NOT IN (SELECT id FROM outcome WHERE tenant_id = $1 AND kind = 9)
  GROUP BY a.id, a.day, a.horizon
)
SELECT d.source_id, d.source, d.name, account.name AS account, s.day, s.orders, s.last_order, part.w AS weight,
       count(*) OVER () AS all_count
FROM ordered AS s
JOIN part ON part.outcome_id = s.id
JOIN deal AS d ON d.tenant_id = $1 AND d.id = s.id
LEFT JOIN account ON account.tenant_id = $1 AND account.id = d.account_id
WHERE part.w > 0
  AND CASE CAST($9 AS TEXT)
    WHEN 'mature' THEN s.horizon <= CAST($7 AS DATE)
    WHEN 'repeated' THEN s.horizon <= CAST($7 AS DATE) AND s.orders >= 2
    WHEN 'left' THEN s.leaves <= CAST($7 AS DATE)
    ELSE TRUE
  END
ORDER BY s.day, d.source, d.source_id
LIMIT CAST($10 AS BIGINT) OFFSET CAST($11 AS BIGINT)
