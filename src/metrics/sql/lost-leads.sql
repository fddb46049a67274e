-- The leads behind a lead loss (M26, lead-loss.sql), those that wait longest first, with sums over all pages.
-- $1 tenant  $2 places of a group as 'campaign:channel:0,...', campaign 0 = none; null = every lead, '(unattributed)' = those without
-- an eligible touch  $3 model  $4 $5 days [from, to) of the leads  $6 now, UTC  $7 days without a touch  $8 rows  $9 skip
-- weight: of the lead in the group, units of 1/720720000000. touched_at: null where nobody ever touched it.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> '' AND x <> '(unattributed)'
), milestone AS (
  SELECT o.id, o.occurred_at AS lead_at
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 1 AND o.day >= CAST($4 AS DATE) AND o.day < CAST($5 AS DATE)
), sold AS (
  SELECT DISTINCT p.person_id
  FROM deal_person AS p
  WHERE p.tenant_id = $1 AND p.deal_id IN (SELECT owner_id FROM outcome WHERE tenant_id = $1 AND kind BETWEEN 4 AND 7)
), waiting AS (
  -- Neither an SQL nor part of a deal that was opened, won or paid.
  SELECT m.id, m.lead_at
  FROM milestone AS m
  LEFT JOIN outcome AS o ON o.tenant_id = $1 AND o.kind = 3 AND o.id = m.id
  LEFT JOIN sold ON sold.person_id = m.id
  WHERE o.id IS NULL AND sold.person_id IS NULL
), dropped AS (
  SELECT n.person_id
  FROM lead AS l
  JOIN contact AS n ON n.tenant_id = l.tenant_id AND n.id = l.contact_id
  WHERE l.tenant_id = $1
  GROUP BY n.person_id
  HAVING bool_or(NOT l.accepted) AND NOT bool_or(coalesce(l.accepted, FALSE))
), latest AS (
  SELECT t.person_id, max(t.occurred_at) AS touched_at
  FROM touch AS t
  LEFT JOIN touch_fix AS x ON x.tenant_id = t.tenant_id AND x.touch_id = t.id AND x.left_out
  WHERE t.tenant_id = $1 AND t.person_id IN (SELECT id FROM waiting) AND t.occurred_at <= CAST($6 AS TIMESTAMP)
    AND x.touch_id IS NULL
  GROUP BY t.person_id
), lost AS (
  SELECT w.id, w.lead_at, k.touched_at, d.person_id IS NOT NULL AS dropped
  FROM waiting AS w
  LEFT JOIN dropped AS d ON d.person_id = w.id
  LEFT JOIN latest AS k ON k.person_id = w.id
  WHERE d.person_id IS NOT NULL
     OR greatest(w.lead_at, coalesce(k.touched_at, w.lead_at)) + CAST($7 AS INTEGER) * INTERVAL '1 day' <= CAST($6 AS TIMESTAMP)
), weighed AS (
  SELECT lost.id, CAST(sum(
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
         END) AS BIGINT) AS weight
  FROM lost
  JOIN credit AS c ON c.tenant_id = $1 AND c.kind = 1 AND c.outcome_id = lost.id
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE CAST($2 AS TEXT) IS NULL
     OR CASE WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL ELSE place.group_no IS NOT NULL END
  GROUP BY lost.id
)
SELECT n.source, n.source_id, n.name, lost.lead_at, lost.touched_at, lost.dropped, w.weight,
       count(*) OVER () AS all_count, CAST(sum(w.weight) OVER () AS BIGINT) AS all_weight
FROM weighed AS w
JOIN lost ON lost.id = w.id
JOIN contact AS n ON n.tenant_id = $1 AND n.id = lost.id
WHERE w.weight > 0
ORDER BY greatest(lost.lead_at, coalesce(lost.touched_at, lost.lead_at)), n.source, n.source_id
LIMIT CAST($8 AS BIGINT) OFFSET CAST($9 AS BIGINT)
