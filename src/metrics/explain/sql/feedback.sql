-- Leads that sales accepted or rejected (M27): the rows behind lead-acceptance.sql, oldest first.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without, '(whole)'
-- = every one once  $3 model  $4 $5 days [from, to) of their creation  $6 workspace zone
-- $7 accepted (else rejected)  $8 rows  $9 skip
-- weight: units of 1/720720000000, of its person as a lead.
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
  WHERE c.tenant_id = $1 AND c.kind = 1
    AND CASE
      WHEN CAST($2 AS TEXT) = '(whole)' THEN TRUE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($2 AS TEXT) IS NULL THEN TRUE
      ELSE place.channel_id IS NOT NULL
    END
  GROUP BY c.outcome_id
), told AS (
  SELECT l.id, l.source, l.source_id, n.name, n.person_id,
         CAST((coalesce(l.created_at, o.occurred_at) AT TIME ZONE 'UTC') AT TIME ZONE CAST($6 AS TEXT) AS DATE) AS day
  FROM lead AS l
  LEFT JOIN contact AS n ON n.tenant_id = l.tenant_id AND n.id = l.contact_id
  LEFT JOIN outcome AS o ON o.tenant_id = l.tenant_id AND o.kind = 1 AND o.id = n.person_id
  WHERE l.tenant_id = $1 AND l.accepted IS NOT NULL AND l.accepted = CAST($7 AS BOOLEAN)
), weighed AS (
  SELECT t.*, coalesce(part.w, CASE WHEN CAST($2 AS TEXT) = '(whole)' OR CAST($2 AS TEXT) = '(unattributed)' AND NOT EXISTS (
           SELECT 1 FROM outcome AS x WHERE x.tenant_id = $1 AND x.kind = 1 AND x.id = t.person_id)
           THEN 720720000000 END) AS weight
  FROM told AS t
  LEFT JOIN part ON part.outcome_id = t.person_id
  WHERE t.day >= CAST($4 AS DATE) AND t.day < CAST($5 AS DATE)
)
SELECT source_id, source, name, day, weight, count(*) OVER () AS all_count
FROM weighed
WHERE weight > 0
ORDER BY day, source, source_id, id
LIMIT CAST($8 AS BIGINT) OFFSET CAST($9 AS BIGINT)
