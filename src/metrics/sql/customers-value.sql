-- What customers brought since they were acquired, month by month (M7, M16-M18, F124).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to) of
-- acquisition: the customer's first won deal  $6 revenue basis: booked, invoiced, cash  $7 months of the horizon  $8 by month of
-- acquisition as well
-- group_no: -1 the whole, every customer once; -2 customers acquired without an eligible touch; else the group, where a customer and
-- all he ever brings count with the weight of the deal that acquired him. age: full months from acquisition to the money, the horizon
-- for all that came later. Sums of minor units x weight in units of 1/720720000000, as text: revenue, product_cost, gross (revenue
-- above 0) and costed (the part of it whose product cost is known).
-- Product cost is converted like its deal's amount, at the rates of the day it was won; an invoice or a receipt carries the part of it
-- that it is of the deal; a refund carries none, as the goods are not back; a loss takes it back.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), acquired AS (
  SELECT o.id, o.customer_id, o.day
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 5 AND o.is_new AND o.day >= CAST($4 AS DATE) AND o.day < CAST($5 AS DATE)
), brought AS (
  SELECT a.id AS acquired_id, a.day AS acquired_day, o.kind, o.owner_id, o.day, o.amount_minor,
         CAST(12 * (EXTRACT(YEAR FROM o.day) - EXTRACT(YEAR FROM a.day)) + EXTRACT(MONTH FROM o.day)
              - EXTRACT(MONTH FROM a.day) AS INTEGER) AS months
  FROM acquired AS a
  JOIN outcome AS o ON o.tenant_id = $1 AND o.customer_id = a.customer_id
  WHERE CASE CAST($6 AS TEXT) WHEN 'booked' THEN o.kind IN (5, 8, 9) WHEN 'invoiced' THEN o.kind = 7 ELSE o.kind = 6 END
), sold AS (
  SELECT o.id, o.amount_minor, o.day, d.currency, d.product_cost_minor
  FROM outcome AS o
  JOIN deal AS d ON d.tenant_id = o.tenant_id AND d.id = o.id
  WHERE o.tenant_id = $1 AND o.kind = 5 AND d.product_cost_minor IS NOT NULL AND d.currency IS NOT NULL
    AND o.id IN (SELECT owner_id FROM brought)
), rate AS (
  -- Rates by day, once each: a join of every sale with every rate of its currency would be long.
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
  SELECT o.acquired_id, o.acquired_day, o.amount_minor, k.id IS NOT NULL AS known,
         CASE o.kind
           WHEN 5 THEN k.product_cost
           WHEN 9 THEN -k.product_cost
           WHEN 8 THEN 0
           ELSE CASE WHEN o.amount_minor > 0 AND k.amount_minor > 0
                     THEN CAST(floor(CAST(k.product_cost AS DOUBLE PRECISION) * o.amount_minor / k.amount_minor + 0.5) AS BIGINT)
                     ELSE 0 END
         END AS product_cost,
         -- A month is full on the day of the acquisition's date, or on the last of a shorter month.
         o.months - CASE WHEN o.day < CAST(o.acquired_day + o.months * INTERVAL '1 month' AS DATE) THEN 1 ELSE 0 END AS age
  FROM brought AS o
  LEFT JOIN costed AS k ON k.id = o.owner_id
), valued AS (
  SELECT acquired_id, CASE WHEN CAST($8 AS BOOLEAN) THEN substr(CAST(acquired_day AS TEXT), 1, 7) END AS month,
         least(greatest(age, 0), CAST($7 AS INTEGER)) AS age,
         CAST(sum(amount_minor) AS BIGINT) AS revenue, CAST(coalesce(sum(product_cost), 0) AS BIGINT) AS product_cost,
         CAST(coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS BIGINT) AS gross,
         CAST(coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0 AND known), 0) AS BIGINT) AS costed
  FROM aged
  GROUP BY 1, 2, 3
)
SELECT -1 AS group_no, v.month, v.age,
       CAST(sum(CAST(720720000000 AS DECIMAL(19, 0)) * CAST(v.revenue AS DECIMAL(19, 0))) AS TEXT) AS revenue,
       CAST(sum(CAST(720720000000 AS DECIMAL(19, 0)) * CAST(v.product_cost AS DECIMAL(19, 0))) AS TEXT) AS product_cost,
       CAST(sum(CAST(720720000000 AS DECIMAL(19, 0)) * CAST(v.gross AS DECIMAL(19, 0))) AS TEXT) AS gross,
       CAST(sum(CAST(720720000000 AS DECIMAL(19, 0)) * CAST(v.costed AS DECIMAL(19, 0))) AS TEXT) AS costed
FROM valued AS v
GROUP BY v.month, v.age
UNION ALL
SELECT CASE WHEN p.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no, v.month, v.age,
       CAST(sum(CAST(p.w AS DECIMAL(19, 0)) * CAST(v.revenue AS DECIMAL(19, 0))) AS TEXT) AS revenue,
       CAST(sum(CAST(p.w AS DECIMAL(19, 0)) * CAST(v.product_cost AS DECIMAL(19, 0))) AS TEXT) AS product_cost,
       CAST(sum(CAST(p.w AS DECIMAL(19, 0)) * CAST(v.gross AS DECIMAL(19, 0))) AS TEXT) AS gross,
       CAST(sum(CAST(p.w AS DECIMAL(19, 0)) * CAST(v.costed AS DECIMAL(19, 0))) AS TEXT) AS costed
FROM valued AS v
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
) AS p ON p.outcome_id = v.acquired_id
LEFT JOIN place ON place.channel_id = p.channel_id AND place.campaign_id = coalesce(p.campaign_id, 0)
GROUP BY 1, 2, 3
