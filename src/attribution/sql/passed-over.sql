-- Touches that an outcome of one run passes over because better ones precede it, under every rule model (product.md F132). First,
-- where campaigns come first: touches without a campaign of a journey that has one with. Then, where direct is ignored: direct
-- touches of a journey that has another one left. Journeys are those of credit.sql.
-- $1 tenant  $2 run  $3 look-back in days  $4 whether campaigns come first  $5 whether direct is ignored
INSERT INTO passed_over
WITH member AS (
  SELECT o.tenant_id, o.kind, o.id, o.path_start, o.path_end, p.person_id
  FROM outcome AS o
  JOIN deal_person AS p ON p.tenant_id = o.tenant_id AND p.deal_id = o.owner_id
  WHERE o.tenant_id = $1 AND o.run = $2 AND o.kind >= 4
  UNION ALL
  SELECT o.tenant_id, o.kind, o.id, o.path_start, o.path_end, o.owner_id
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.run = $2 AND o.kind <= 3
), path AS (
  SELECT m.tenant_id, m.kind, m.id AS outcome_id, t.id AS touch_id,
         CASE WHEN t.used_campaign_id IS NULL AND CAST($4 AS BOOLEAN) THEN 1 ELSE 0 END AS is_stray,
         CASE WHEN c.is_direct AND CAST($5 AS BOOLEAN) THEN 1 ELSE 0 END AS is_direct
  FROM member AS m
  JOIN touch AS t ON t.tenant_id = m.tenant_id AND t.person_id = m.person_id
   AND t.occurred_at <= m.path_end
   AND t.occurred_at >= m.path_end - CAST($3 AS INTEGER) * INTERVAL '1 day'
   AND t.eligible IS NOT FALSE AND (m.path_start IS NULL OR t.occurred_at > m.path_start)
  LEFT JOIN channel AS c ON c.tenant_id = t.tenant_id AND c.id = t.channel_id
), sorted AS (
  -- A journey of strays only keeps them all.
  SELECT path.*, CASE WHEN min(is_stray) OVER journey = 0 THEN is_stray ELSE 0 END AS goes
  FROM path
  WINDOW journey AS (PARTITION BY tenant_id, kind, outcome_id)
), left_over AS (
  SELECT sorted.*, min(CASE WHEN goes = 0 THEN is_direct ELSE 1 END) OVER journey AS only_direct
  FROM sorted
  WINDOW journey AS (PARTITION BY tenant_id, kind, outcome_id)
)
SELECT tenant_id, kind, outcome_id, touch_id FROM left_over
WHERE goes = 1 OR is_direct = 1 AND only_direct = 0
