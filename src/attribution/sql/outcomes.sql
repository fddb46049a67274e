-- Outcomes of the persons and deals in scope.
-- $1 tenant  $2 run  $3 workspace zone  $4 which later won deals of a customer have a path of their own, beginning after the
-- deal before: 'marked' those whose source calls them a repurchase, 'all', 'none' (product.md M20)
-- $5 seconds the zone is ahead of UTC where it has been the same since 2000, else null: adding it is several times as fast as
-- asking the engine's calendar for each instant
-- A person is one lead, however many contact records it has: its milestones are the earliest of theirs. A deal's lead
-- milestone is that of its oldest contact (attribution.md §1). Money is converted at its own local day with the rates of
-- fx, rounded half away from zero to the workspace's minor units; without a rate it counts as 0 and is flagged, never taken
-- at 1; nor is one that would make more of it than can be kept exactly. A receipt, an invoice and a refund follow the journey to their deal's close, so that every revenue basis agrees on
-- who earned it. A deal that was lost after it was won counts on both days: won when it entered a won stage, lost when
-- it entered a lost one.
INSERT INTO outcome
-- Scopes are read by IN: engines then scan the big table once beside a small set, whatever they believe its size to be.
WITH person AS (
  SELECT c.tenant_id, c.person_id, min(coalesce(c.lead_at, c.created_at)) AS lead_at,
         coalesce(min(s.mql_at), CASE WHEN count(s.person_id) = 0 THEN min(c.mql_at) END) AS mql_at,
         coalesce(min(s.sql_at), CASE WHEN count(s.person_id) = 0 THEN min(c.sql_at) END) AS sql_at
  FROM contact AS c
  LEFT JOIN person_stage AS s ON s.tenant_id = c.tenant_id AND s.person_id = c.person_id
  WHERE c.tenant_id = $1 AND c.person_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'person')
  GROUP BY c.tenant_id, c.person_id
), member AS (
  SELECT p.tenant_id, p.deal_id, p.person_id, p.fallback
  FROM deal_person AS p
  WHERE p.tenant_id = $1 AND p.deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
), known AS (
  SELECT c.tenant_id, c.person_id, c.source, c.source_id, coalesce(c.lead_at, c.created_at) AS lead_at
  FROM contact AS c
  WHERE c.tenant_id = $1 AND c.person_id IN (SELECT person_id FROM member)
), oldest AS (
  SELECT m.tenant_id, m.deal_id, min(k.lead_at) AS lead_at,
         (array_agg(m.person_id ORDER BY k.lead_at, k.source, k.source_id))[1] AS person_id
  FROM member AS m
  JOIN known AS k ON k.tenant_id = m.tenant_id AND k.person_id = m.person_id
  GROUP BY m.tenant_id, m.deal_id
), staged AS (
  -- When deals that are not won entered a won stage, and a lost one after it.
  SELECT h.tenant_id, h.deal_id, max(h.changed_at) FILTER (WHERE s.won) AS won_at,
         max(h.changed_at) FILTER (WHERE s.closed AND NOT s.won) AS lost_at
  FROM stage_change AS h
  JOIN stage AS s ON s.tenant_id = h.tenant_id AND s.source = h.source AND s.source_id = h.stage
  WHERE h.tenant_id = $1 AND h.deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
  GROUP BY h.tenant_id, h.deal_id
), deals AS (
  SELECT d.tenant_id, d.id, d.source, d.source_id, d.created_at, d.closed_at, d.currency, d.amount_minor, k.lead_at,
         coalesce(d.account_id, k.person_id, d.id) AS customer_id,
         CASE WHEN d.won THEN d.closed_at WHEN NOT d.won AND h.lost_at > h.won_at THEN h.won_at END AS won_at,
         CASE WHEN NOT d.won AND h.lost_at > h.won_at THEN h.lost_at END AS lost_at,
         CASE WHEN d.layer IN ('first', 'repurchase', 'referral') THEN d.layer END AS layer,
         d.id IN (SELECT deal_id FROM member WHERE fallback) AS fallback
  FROM deal AS d
  LEFT JOIN oldest AS k ON k.tenant_id = d.tenant_id AND k.deal_id = d.id
  LEFT JOIN staged AS h ON h.tenant_id = d.tenant_id AND h.deal_id = d.id
  WHERE d.tenant_id = $1 AND d.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
), won AS (
  SELECT d.*,
         lag(d.won_at) OVER customer AS before_at,
         row_number() OVER customer = 1 AS is_first,
         -- Lost again or not: the first deal that stayed won makes the customer.
         d.lost_at IS NULL AND row_number() OVER (PARTITION BY d.tenant_id, d.customer_id, d.lost_at IS NULL
                                                  ORDER BY d.won_at, d.source, d.source_id) = 1 AS is_new
  FROM deals AS d
  WHERE d.won_at IS NOT NULL AND d.amount_minor IS NOT NULL
  WINDOW customer AS (PARTITION BY d.tenant_id, d.customer_id ORDER BY d.won_at, d.source, d.source_id)
), sold AS (
  SELECT w.*, coalesce(w.layer, CASE WHEN w.is_first THEN 'first' ELSE 'repurchase' END) AS revenue_layer,
         CASE WHEN CAST($4 AS TEXT) = 'all' AND coalesce(w.layer, 'repurchase') = 'repurchase'
                OR CAST($4 AS TEXT) = 'marked' AND w.layer = 'repurchase' THEN w.before_at END AS path_start
  FROM won AS w
), found AS (
  SELECT tenant_id, 1 AS kind, person_id AS id, person_id AS owner_id, CAST(NULL AS BIGINT) AS customer_id,
         lead_at AS occurred_at, CAST(NULL AS TIMESTAMP) AS path_start, lead_at AS path_end, lead_at,
         CAST(NULL AS TIMESTAMP) AS opened_at, 0 AS sign, CAST(0 AS BIGINT) AS amount_minor, CAST(NULL AS TEXT) AS currency,
         CAST(NULL AS TEXT) AS layer, FALSE AS is_new, FALSE AS fallback
  FROM person
  UNION ALL
  SELECT tenant_id, 2, person_id, person_id, CAST(NULL AS BIGINT), mql_at, CAST(NULL AS TIMESTAMP), mql_at, lead_at,
         CAST(NULL AS TIMESTAMP), 0, 0, CAST(NULL AS TEXT), CAST(NULL AS TEXT), FALSE, FALSE
  FROM person WHERE mql_at IS NOT NULL
  UNION ALL
  SELECT tenant_id, 3, person_id, person_id, CAST(NULL AS BIGINT), sql_at, CAST(NULL AS TIMESTAMP), sql_at, lead_at,
         CAST(NULL AS TIMESTAMP), 0, 0, CAST(NULL AS TEXT), CAST(NULL AS TEXT), FALSE, FALSE
  FROM person WHERE sql_at IS NOT NULL
  UNION ALL
  SELECT tenant_id, 4, id, id, customer_id, created_at, CAST(NULL AS TIMESTAMP), created_at, lead_at, created_at, 1,
         coalesce(amount_minor, 0), currency, CAST(NULL AS TEXT), FALSE, fallback
  FROM deals WHERE created_at IS NOT NULL
  UNION ALL
  SELECT tenant_id, 5, id, id, customer_id, won_at, path_start, won_at, lead_at, created_at, 1, amount_minor, currency,
         revenue_layer, is_new, fallback
  FROM sold
  UNION ALL
  SELECT p.tenant_id, 6, p.id, d.id, d.customer_id, p.paid_at, s.path_start, coalesce(d.won_at, d.closed_at, p.paid_at), d.lead_at,
         d.created_at, 1, p.amount_minor, p.currency, coalesce(s.revenue_layer, d.layer), FALSE, d.fallback
  FROM deals AS d
  JOIN payment AS p ON p.tenant_id = d.tenant_id AND p.deal_id = d.id
  LEFT JOIN sold AS s ON s.tenant_id = d.tenant_id AND s.id = d.id
  UNION ALL
  SELECT i.tenant_id, 7, i.id, d.id, d.customer_id, i.issued_at, s.path_start, coalesce(d.won_at, d.closed_at, i.issued_at), d.lead_at,
         d.created_at, 1, i.amount_minor, i.currency, coalesce(s.revenue_layer, d.layer), FALSE, d.fallback
  FROM deals AS d
  JOIN invoice AS i ON i.tenant_id = d.tenant_id AND i.deal_id = d.id
  LEFT JOIN sold AS s ON s.tenant_id = d.tenant_id AND s.id = d.id
  UNION ALL
  -- Money paid back of what was sold; of a sale below zero it is the payment itself.
  SELECT p.tenant_id, 8, p.id, s.id, s.customer_id, p.paid_at, s.path_start, s.won_at, s.lead_at, s.created_at, 1,
         p.amount_minor, p.currency, s.revenue_layer, FALSE, s.fallback
  FROM sold AS s
  JOIN payment AS p ON p.tenant_id = s.tenant_id AND p.deal_id = s.id AND p.amount_minor < 0
  WHERE s.amount_minor > 0 AND s.lost_at IS NULL
  UNION ALL
  SELECT tenant_id, 9, id, id, customer_id, lost_at, path_start, won_at, lead_at, created_at, -1, amount_minor, currency,
         revenue_layer, FALSE, fallback
  FROM sold WHERE lost_at IS NOT NULL
), dated AS (
  SELECT found.*, CASE WHEN CAST($5 AS INTEGER) IS NOT NULL AND occurred_at >= TIMESTAMP '2000-01-01'
              THEN CAST(occurred_at + CAST($5 AS INTEGER) * INTERVAL '1 second' AS DATE)
              ELSE CAST((occurred_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($3 AS TEXT) AS DATE) END AS day,
         CASE WHEN CAST($5 AS INTEGER) IS NOT NULL AND opened_at >= TIMESTAMP '2000-01-01'
              THEN CAST(opened_at + CAST($5 AS INTEGER) * INTERVAL '1 second' AS DATE)
              ELSE CAST((opened_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($3 AS TEXT) AS DATE) END AS opened_day,
         CASE WHEN CAST($5 AS INTEGER) IS NOT NULL AND lead_at >= TIMESTAMP '2000-01-01'
              THEN CAST(lead_at + CAST($5 AS INTEGER) * INTERVAL '1 second' AS DATE)
              ELSE CAST((lead_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($3 AS TEXT) AS DATE) END AS cohort_day
  FROM found
)
SELECT f.tenant_id, f.kind, f.id, f.owner_id, f.customer_id, f.occurred_at, f.day, f.path_start, f.path_end, f.lead_at,
       f.opened_at, f.opened_day, f.cohort_day,
       CAST(CASE WHEN f.amount_minor = 0 OR fx.factor IS NULL THEN 0
                 -- At par the amount itself: doubles above 2^52 have no halves to round.
                 WHEN fx.factor = 1 THEN f.sign * f.amount_minor
                 ELSE f.sign * sign(f.amount_minor) * floor(abs(CAST(f.amount_minor AS DOUBLE PRECISION)) * fx.factor + 0.5)
            END AS BIGINT) AS amount_minor,
       f.layer, f.is_new, f.currency IS NOT NULL AND fx.factor IS NULL AS fx_missing, f.fallback, CAST($2 AS BIGINT) AS run
FROM dated AS f
LEFT JOIN fx ON fx.tenant_id = f.tenant_id AND fx.currency = f.currency AND f.day >= fx.day_from AND f.day < fx.day_to
 AND abs(CAST(f.amount_minor AS DOUBLE PRECISION)) * fx.factor <= 9000000000000000
