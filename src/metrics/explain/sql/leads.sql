-- Leads of a period and how far they came (M10, M13, M26): the rows behind sums of funnel-cohort.sql, oldest first.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without, '(whole)'
-- = every one once  $3 model  $4 $5 days [from, to) of the leads  $6 which: leads, mqls, sqls
-- (those with a date of that step), opportunities (those with a deal that was opened, won or paid)  $7 rows  $8 skip
-- weight: units of 1/720720000000.
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
  WHERE c.tenant_id = $1 AND c.kind = 1 AND c.day >= CAST($4 AS DATE) AND c.day < CAST($5 AS DATE)
    AND CASE
      WHEN CAST($2 AS TEXT) = '(whole)' THEN TRUE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($2 AS TEXT) IS NULL THEN TRUE
      ELSE place.channel_id IS NOT NULL
    END
  GROUP BY c.outcome_id
), again AS (
  SELECT owner_id AS deal_id FROM outcome WHERE tenant_id = $1 AND kind = 9
), ahead AS (
  SELECT DISTINCT p.person_id
  FROM deal_person AS p
  WHERE p.tenant_id = $1 AND (
    p.deal_id IN (SELECT owner_id FROM outcome WHERE tenant_id = $1 AND kind = 4)
    OR p.deal_id IN (SELECT owner_id FROM outcome WHERE tenant_id = $1 AND kind = 5)
       AND p.deal_id NOT IN (SELECT deal_id FROM again)
    OR p.deal_id IN (SELECT deal_id FROM payment WHERE tenant_id = $1 AND amount_minor > 0))
), taken AS (
  SELECT l.id, l.day, l.occurred_at, part.w
  FROM outcome AS l
  JOIN part ON part.outcome_id = l.id
  WHERE l.tenant_id = $1 AND l.kind = 1 AND l.day >= CAST($4 AS DATE) AND l.day < CAST($5 AS DATE) AND part.w > 0
    AND CASE CAST($6 AS TEXT)
      WHEN 'mqls' THEN l.id IN (SELECT id FROM outcome WHERE tenant_id = $1 AND kind = 2)
      WHEN 'sqls' THEN l.id IN (SELECT id FROM outcome WHERE tenant_id = $1 AND kind = 3)
      WHEN 'opportunities' THEN l.id IN (SELECT person_id FROM ahead)
      ELSE TRUE
    END
)
SELECT n.source_id, n.source, n.name, t.day, t.w AS weight, count(*) OVER () AS all_count
FROM taken AS t
LEFT JOIN contact AS n ON n.tenant_id = $1 AND n.id = t.id
ORDER BY t.occurred_at, n.source, n.source_id, t.id
LIMIT CAST($7 AS BIGINT) OFFSET CAST($8 AS BIGINT)
