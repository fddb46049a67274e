-- Days from lead to won (M14): the rows behind funnel-cycle.sql, reading `cohort`, longest first.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without, '(whole)'
-- = every one once  $3 model  $4 $5 days [from, to) of the leads  $6 rows  $7 skip
-- weight: units of 1/720720000000; seconds: whole ones from the lead to the win.
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
  WHERE c.tenant_id = $1 AND c.kind = 5
    AND CASE
      WHEN CAST($2 AS TEXT) = '(whole)' THEN TRUE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($2 AS TEXT) IS NULL THEN TRUE
      ELSE place.channel_id IS NOT NULL
    END
  GROUP BY c.outcome_id
)
SELECT d.source_id, d.source, d.name, o.day, part.w AS weight,
       CAST(floor(CAST(EXTRACT(EPOCH FROM o.occurred_at - o.lead_at) AS DOUBLE PRECISION)) AS BIGINT) AS seconds,
       count(*) OVER () AS all_count
FROM outcome AS o
JOIN part ON part.outcome_id = o.id
JOIN deal AS d ON d.tenant_id = $1 AND d.id = o.id
WHERE o.tenant_id = $1 AND o.kind = 5 AND o.lead_at IS NOT NULL AND o.occurred_at >= o.lead_at AND part.w > 0
  AND o.cohort_day >= CAST($4 AS DATE) AND o.cohort_day < CAST($5 AS DATE)
  AND NOT EXISTS (SELECT 1 FROM outcome AS x WHERE x.tenant_id = $1 AND x.kind = 9 AND x.id = o.id)
ORDER BY 6 DESC, d.source, d.source_id
LIMIT CAST($6 AS BIGINT) OFFSET CAST($7 AS BIGINT)
