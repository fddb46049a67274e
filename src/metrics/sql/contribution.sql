-- Revenue of a period with its product cost (M6).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to)
-- $6 revenue basis: booked, invoiced, cash
-- group_no: -1 the whole; -2 revenue without an eligible touch; else the group under the model. Minor units: revenue, gross (revenue
-- above 0) and costed (the part of it whose product cost is known); product_cost: minor units x weight in units of 1/720720000000,
-- as text.
-- Product cost is converted like its deal's amount, at the rates of the day it was won; an invoice or a receipt carries the part of it
-- that it is of the deal; a refund carries none, as the goods are not back; a loss takes it back.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), earned AS (
  SELECT o.kind, o.id, o.owner_id, o.amount_minor
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.day >= CAST($4 AS DATE) AND o.day < CAST($5 AS DATE)
    AND CASE CAST($6 AS TEXT) WHEN 'booked' THEN o.kind IN (5, 8, 9) WHEN 'invoiced' THEN o.kind = 7 ELSE o.kind = 6 END
), sold AS (
  SELECT o.id, o.amount_minor, o.day, d.currency, d.product_cost_minor
  FROM outcome AS o
  JOIN deal AS d ON d.tenant_id = o.tenant_id AND d.id = o.id
  WHERE o.tenant_id = $1 AND o.kind = 5 AND d.product_cost_minor IS NOT NULL AND d.currency IS NOT NULL
    AND o.id IN (SELECT owner_id FROM earned)
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
), valued AS (
  SELECT o.kind, o.id, o.amount_minor, k.id IS NOT NULL AS known,
         coalesce(CASE o.kind
           WHEN 5 THEN k.product_cost
           WHEN 9 THEN -k.product_cost
           WHEN 8 THEN 0
           ELSE CASE WHEN o.amount_minor > 0 AND k.amount_minor > 0
                     THEN CAST(floor(CAST(k.product_cost AS DOUBLE PRECISION) * o.amount_minor / k.amount_minor + 0.5) AS BIGINT)
                     ELSE 0 END
         END, 0) AS product_cost
  FROM earned AS o
  LEFT JOIN costed AS k ON k.id = o.owner_id
)
SELECT -1 AS group_no, CAST(coalesce(sum(amount_minor), 0) AS BIGINT) AS revenue,
       CAST(coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS BIGINT) AS gross,
       CAST(coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0 AND known), 0) AS BIGINT) AS costed,
       CAST(coalesce(sum(CAST(720720000000 AS DECIMAL(19, 0)) * CAST(product_cost AS DECIMAL(19, 0))), 0) AS TEXT) AS product_cost
FROM valued
UNION ALL
SELECT CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no, CAST(sum(c.m) AS BIGINT) AS revenue,
       CAST(coalesce(sum(c.m) FILTER (WHERE v.amount_minor > 0), 0) AS BIGINT) AS gross,
       CAST(coalesce(sum(c.m) FILTER (WHERE v.amount_minor > 0 AND v.known), 0) AS BIGINT) AS costed,
       CAST(sum(CAST(c.w AS DECIMAL(19, 0)) * CAST(v.product_cost AS DECIMAL(19, 0))) AS TEXT) AS product_cost
FROM valued AS v
JOIN (
  SELECT c.kind, c.outcome_id, c.channel_id, c.campaign_id,
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
  WHERE c.tenant_id = $1 AND c.kind >= 5 AND c.day >= CAST($4 AS DATE) AND c.day < CAST($5 AS DATE) AND CAST($2 AS TEXT) <> ''
) AS c ON c.kind = v.kind AND c.outcome_id = v.id
LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
GROUP BY 1
