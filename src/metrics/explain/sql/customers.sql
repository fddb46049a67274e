-- What the customers acquired in a period brought (M7, M16-M18): the rows behind customers-value.sql, one per outcome.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without, '(whole)'
-- = every one once  $3 model  $4 $5 days [from, to) of acquisition  $6 revenue basis
-- $7 months of the horizon  $8 only what came within it  $9 rows  $10 skip
-- weight: of the deal that acquired the customer, units of 1/720720000000. amount_minor, product_cost: minor units of the workspace's
-- currency. age: full months from acquisition to the money.
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
), earned AS (
  SELECT a.id AS acquired_id, a.day AS acquired_day, o.kind, o.id, o.owner_id, o.day, o.amount_minor, part.w,
         CAST(12 * (EXTRACT(YEAR FROM o.day) - EXTRACT(YEAR FROM a.day)) + EXTRACT(MONTH FROM o.day)
              - EXTRACT(MONTH FROM a.day) AS INTEGER) AS months
  FROM outcome AS a
  JOIN part ON part.outcome_id = a.id
  JOIN outcome AS o ON o.tenant_id = $1 AND o.customer_id = a.customer_id
  WHERE a.tenant_id = $1 AND a.kind = 5 AND a.is_new AND a.day >= CAST($4 AS DATE) AND a.day < CAST($5 AS DATE) AND part.w > 0
    AND CASE CAST($6 AS TEXT) WHEN 'booked' THEN o.kind IN (5, 8, 9) WHEN 'invoiced' THEN o.kind = 7 ELSE o.kind = 6 END
), sold AS (
  SELECT o.id, o.amount_minor, o.day, d.currency, d.product_cost_minor
  FROM outcome AS o
  JOIN deal AS d ON d.tenant_id = o.tenant_id AND d.id = o.id
  WHERE o.tenant_id = $1 AND o.kind = 5 AND d.product_cost_minor IS NOT NULL AND d.currency IS NOT NULL
    AND o.id IN (SELECT owner_id FROM earned)
), rate AS (
  SELECT k.currency, k.day, fx.factor
  FROM (SELECT DISTINCT currency, day FROM sold) AS k
  JOIN fx ON fx.tenant_id = $1 AND fx.currency = k.currency AND k.day >= fx.day_from AND k.day < fx.day_to
), costed AS (
  SELECT s.id, s.amount_minor,
         CAST(CASE WHEN s.product_cost_minor = 0 THEN 0 WHEN r.factor = 1 THEN s.product_cost_minor
                   ELSE sign(s.product_cost_minor)
                        * floor(abs(CAST(s.product_cost_minor AS DOUBLE PRECISION)) * r.factor + 0.5)
              END AS BIGINT) AS product_cost
  FROM sold AS s
  JOIN rate AS r ON r.currency = s.currency AND r.day = s.day
), aged AS (
  SELECT o.*, coalesce(CASE o.kind
           WHEN 5 THEN k.product_cost
           WHEN 9 THEN -k.product_cost
           WHEN 8 THEN 0
           ELSE CASE WHEN o.amount_minor > 0 AND k.amount_minor > 0
                     THEN CAST(floor(CAST(k.product_cost AS DOUBLE PRECISION) * o.amount_minor / k.amount_minor + 0.5) AS BIGINT)
                     ELSE 0 END
         END, 0) AS product_cost,
         greatest(o.months - CASE WHEN o.day < CAST(o.acquired_day + o.months * INTERVAL '1 month' AS DATE) THEN 1 ELSE 0 END, 0)
           AS age
  FROM earned AS o
  LEFT JOIN costed AS k ON k.id = o.owner_id
)
SELECT d.source_id, d.source, d.name, account.name AS account, first.source_id AS acquired_by, a.acquired_day, a.kind, a.day, a.age,
       a.w AS weight, a.amount_minor, a.product_cost, count(*) OVER () AS all_count
FROM aged AS a
JOIN deal AS first ON first.tenant_id = $1 AND first.id = a.acquired_id
LEFT JOIN deal AS d ON d.tenant_id = $1 AND d.id = a.owner_id
LEFT JOIN account ON account.tenant_id = $1 AND account.id = first.account_id
WHERE a.age < CAST($7 AS INTEGER) OR NOT CAST($8 AS BOOLEAN)
ORDER BY a.acquired_day, first.source, first.source_id, a.day, a.kind, a.id
LIMIT CAST($9 AS BIGINT) OFFSET CAST($10 AS BIGINT)
