-- Outcomes of the persons and deals in scope.
-- $1 tenant  $2 run  $3 workspace zone  $4 workspace currency
-- A person is one lead, however many contact records it has: its milestones are the earliest of theirs. A deal's lead
-- milestone is that of its oldest contact (attribution.md §1). Money in another currency than the workspace's has no
-- rate here and counts as 0: it is reported as fx_missing, never taken at 1. A receipt follows the journey to its
-- deal's close, so that cash and booked revenue agree on who earned it.
INSERT INTO outcome
-- Scopes are read by IN: engines then scan the big table once beside a small set, whatever they believe its size to be.
WITH person AS (
  SELECT c.tenant_id, c.person_id,
         min(coalesce(c.lead_at, c.created_at)) AS lead_at, min(c.mql_at) AS mql_at, min(c.sql_at) AS sql_at
  FROM contact AS c
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
), deals AS (
  SELECT d.tenant_id, d.id, d.source, d.source_id, d.created_at, d.closed_at, k.lead_at,
         coalesce(d.account_id, k.person_id, d.id) AS customer_id,
         CASE WHEN d.currency = $4 THEN coalesce(d.amount_minor, 0) ELSE 0 END AS amount_minor,
         coalesce(d.won, FALSE) AND d.closed_at IS NOT NULL AND d.amount_minor IS NOT NULL AS is_won,
         d.id IN (SELECT deal_id FROM member WHERE fallback) AS fallback
  FROM deal AS d
  LEFT JOIN oldest AS k ON k.tenant_id = d.tenant_id AND k.deal_id = d.id
  WHERE d.tenant_id = $1 AND d.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
), won AS (
  SELECT d.*, row_number() OVER (PARTITION BY d.tenant_id, d.customer_id
                                 ORDER BY d.closed_at, d.source, d.source_id) = 1 AS is_new
  FROM deals AS d
  WHERE d.is_won
), found AS (
  SELECT tenant_id, 1 AS kind, person_id AS id, person_id AS owner_id, CAST(NULL AS BIGINT) AS customer_id,
         lead_at AS occurred_at, lead_at AS path_end, lead_at, CAST(NULL AS TIMESTAMP) AS opened_at,
         0 AS amount_minor, FALSE AS is_new, FALSE AS fallback
  FROM person
  UNION ALL
  SELECT tenant_id, 2, person_id, person_id, CAST(NULL AS BIGINT), mql_at, mql_at, lead_at, CAST(NULL AS TIMESTAMP),
         0, FALSE, FALSE
  FROM person WHERE mql_at IS NOT NULL
  UNION ALL
  SELECT tenant_id, 3, person_id, person_id, CAST(NULL AS BIGINT), sql_at, sql_at, lead_at, CAST(NULL AS TIMESTAMP),
         0, FALSE, FALSE
  FROM person WHERE sql_at IS NOT NULL
  UNION ALL
  SELECT tenant_id, 4, id, id, customer_id, created_at, created_at, lead_at, created_at, amount_minor, FALSE, fallback
  FROM deals WHERE created_at IS NOT NULL
  UNION ALL
  SELECT tenant_id, 5, id, id, customer_id, closed_at, closed_at, lead_at, created_at, amount_minor, is_new, fallback
  FROM won
  UNION ALL
  SELECT p.tenant_id, 6, p.id, d.id, d.customer_id, p.paid_at, coalesce(d.closed_at, p.paid_at), d.lead_at, d.created_at,
         CASE WHEN p.currency = $4 THEN p.amount_minor ELSE 0 END, FALSE, d.fallback
  FROM deals AS d
  JOIN payment AS p ON p.tenant_id = d.tenant_id AND p.deal_id = d.id
)
SELECT tenant_id, kind, id, owner_id, customer_id, occurred_at,
       CAST((occurred_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($3 AS TEXT) AS DATE) AS day,
       path_end, lead_at, opened_at, amount_minor, is_new, fallback, CAST($2 AS BIGINT) AS run
FROM found
