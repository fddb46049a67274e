-- What the CRM says was earned, straight from its deals, stages, invoices and payments and untouched by attribution: the other
-- side of the reconciliation (F141).
-- $1 tenant  $2 $3 local days [from, to)  $4 workspace zone
-- $5 revenue basis: booked = won deals less what was paid back or lost again, invoiced, cash
-- $6 date: close = when it was earned, created = when the opportunity was created, where that is known
-- $7 first days of months to leave out, as 'YYYY-MM-DD,...'
-- won_minor: minor units of the workspace currency; deals: sales, invoices or receipts of the period; fx_missing: amounts left
-- out because no rate is known for their currency, or one that makes more of them than can be kept exactly.
WITH staged AS (
  SELECT h.deal_id, max(h.changed_at) FILTER (WHERE s.won) AS won_at,
         max(h.changed_at) FILTER (WHERE s.closed AND NOT s.won) AS lost_at
  FROM stage_change AS h
  JOIN stage AS s ON s.tenant_id = h.tenant_id AND s.source = h.source AND s.source_id = h.stage
  WHERE h.tenant_id = $1
  GROUP BY h.deal_id
), relapsed AS (
  SELECT d.id, d.amount_minor, d.currency, d.created_at, h.won_at, h.lost_at
  FROM deal AS d
  JOIN staged AS h ON h.deal_id = d.id
  WHERE d.tenant_id = $1 AND NOT d.won AND h.lost_at > h.won_at AND d.amount_minor IS NOT NULL
), moved AS (
  SELECT 'booked' AS basis, TRUE AS counts, 1 AS sign, amount_minor, currency, closed_at AS moved_at, created_at FROM deal
  WHERE tenant_id = $1 AND won AND amount_minor IS NOT NULL AND closed_at IS NOT NULL
  UNION ALL
  SELECT 'booked', TRUE, 1, amount_minor, currency, won_at, created_at FROM relapsed
  UNION ALL
  SELECT 'booked', FALSE, -1, amount_minor, currency, lost_at, created_at FROM relapsed
  UNION ALL
  SELECT 'booked', FALSE, 1, p.amount_minor, p.currency, p.paid_at, d.created_at
  FROM payment AS p
  JOIN deal AS d ON d.tenant_id = p.tenant_id AND d.id = p.deal_id
  WHERE p.tenant_id = $1 AND p.amount_minor < 0 AND d.won AND d.amount_minor > 0 AND d.closed_at IS NOT NULL
  UNION ALL
  SELECT 'invoiced', TRUE, 1, i.amount_minor, i.currency, i.issued_at, d.created_at
  FROM invoice AS i
  JOIN deal AS d ON d.tenant_id = i.tenant_id AND d.id = i.deal_id
  WHERE i.tenant_id = $1
  UNION ALL
  SELECT 'cash', TRUE, 1, p.amount_minor, p.currency, p.paid_at, d.created_at
  FROM payment AS p
  JOIN deal AS d ON d.tenant_id = p.tenant_id AND d.id = p.deal_id
  WHERE p.tenant_id = $1
), dated AS (
  SELECT moved.*, CAST((moved_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($4 AS TEXT) AS DATE) AS day,
         CAST((created_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($4 AS TEXT) AS DATE) AS created_day
  FROM moved
  WHERE basis = CAST($5 AS TEXT)
)
SELECT CAST(coalesce(sum(
         CASE WHEN d.amount_minor = 0 THEN 0 WHEN fx.factor = 1 THEN d.sign * d.amount_minor
              ELSE d.sign * sign(d.amount_minor) * floor(abs(CAST(d.amount_minor AS DOUBLE PRECISION)) * fx.factor + 0.5)
         END), 0) AS BIGINT) AS won_minor,
       count(*) FILTER (WHERE d.counts) AS deals,
       count(*) FILTER (WHERE fx.factor IS NULL) AS fx_missing
FROM dated AS d
LEFT JOIN fx ON fx.tenant_id = $1 AND fx.currency = d.currency AND d.day >= fx.day_from AND d.day < fx.day_to
 AND abs(CAST(d.amount_minor AS DOUBLE PRECISION)) * fx.factor <= 9000000000000000
WHERE CASE WHEN CAST($6 AS TEXT) = 'created' THEN coalesce(d.created_day, d.day) ELSE d.day END >= CAST($2 AS DATE)
  AND CASE WHEN CAST($6 AS TEXT) = 'created' THEN coalesce(d.created_day, d.day) ELSE d.day END < CAST($3 AS DATE)
  AND (CAST($7 AS TEXT) = '' OR position(substr(CAST(d.day AS TEXT), 1, 7) IN CAST($7 AS TEXT)) = 0)
