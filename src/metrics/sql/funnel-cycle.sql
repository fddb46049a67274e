-- Days from lead to won (M14).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to)
-- $6 reading: 'period' = deals won in the period, 'cohort' = won deals of leads created in it
-- group_no: -1 the whole, every deal once; -2 deals without an eligible touch; else the group, where a deal counts with the weight
-- of its win. Deals that were lost again, and those without a lead, are not among them. weight, seconds (weight x whole seconds, as
-- text), median over deals, each once; negative: deals whose lead came after the win, left out.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), sale AS (
  SELECT o.id, CAST(floor(CAST(EXTRACT(EPOCH FROM o.occurred_at - o.lead_at) AS DOUBLE PRECISION)) AS BIGINT) AS seconds
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 5 AND o.lead_at IS NOT NULL
    AND CASE CAST($6 AS TEXT) WHEN 'cohort' THEN o.cohort_day ELSE o.day END >= CAST($4 AS DATE)
    AND CASE CAST($6 AS TEXT) WHEN 'cohort' THEN o.cohort_day ELSE o.day END < CAST($5 AS DATE)
    AND NOT EXISTS (SELECT 1 FROM outcome AS x WHERE x.tenant_id = $1 AND x.kind = 9 AND x.id = o.id)
), part AS (
  SELECT s.id, s.seconds, CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no,
         CAST(sum(CASE CAST($3 AS TEXT)
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
  FROM sale AS s
  JOIN credit AS c ON c.tenant_id = $1 AND c.kind = 5 AND c.outcome_id = s.id
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE CAST($2 AS TEXT) <> ''
  GROUP BY 1, 2, 3
  UNION ALL
  SELECT id, seconds, -1, 720720000000 FROM sale
)
SELECT group_no, CAST(coalesce(sum(w) FILTER (WHERE seconds >= 0), 0) AS BIGINT) AS weight,
       CAST(coalesce(sum(CAST(w AS DECIMAL(19, 0)) * CAST(seconds AS DECIMAL(19, 0))) FILTER (WHERE seconds >= 0), 0) AS TEXT)
         AS seconds,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(seconds AS DOUBLE PRECISION)) FILTER (WHERE seconds >= 0) AS median,
       count(*) FILTER (WHERE seconds < 0) AS negative
FROM part
WHERE w > 0
GROUP BY group_no
