-- What sales said of leads (M27): leads of the CRM that were accepted or rejected.
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to) of
-- their creation  $6 workspace zone
-- group_no: -1 the whole, every lead once; -2 leads of nobody known or without an eligible touch; else the group, where a lead counts
-- with the weight its person has there as a lead. A lead without a date of its own has its person's.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), told AS (
  SELECT l.id, n.person_id, l.accepted,
         CAST((coalesce(l.created_at, o.occurred_at) AT TIME ZONE 'UTC') AT TIME ZONE CAST($6 AS TEXT) AS DATE) AS day
  FROM lead AS l
  LEFT JOIN contact AS n ON n.tenant_id = l.tenant_id AND n.id = l.contact_id
  LEFT JOIN outcome AS o ON o.tenant_id = l.tenant_id AND o.kind = 1 AND o.id = n.person_id
  WHERE l.tenant_id = $1 AND l.accepted IS NOT NULL
), feedback AS (
  SELECT * FROM told WHERE day >= CAST($4 AS DATE) AND day < CAST($5 AS DATE)
), part AS (
  SELECT f.accepted, CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no,
         CASE WHEN c.outcome_id IS NULL THEN 720720000000 ELSE
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
         END END AS w
  FROM feedback AS f
  LEFT JOIN credit AS c ON c.tenant_id = $1 AND c.kind = 1 AND c.outcome_id = f.person_id
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE CAST($2 AS TEXT) <> ''
  UNION ALL
  SELECT accepted, -1, 720720000000 FROM feedback
)
SELECT group_no, CAST(coalesce(sum(w) FILTER (WHERE accepted), 0) AS BIGINT) AS accepted,
       CAST(coalesce(sum(w) FILTER (WHERE NOT accepted), 0) AS BIGINT) AS rejected
FROM part
GROUP BY group_no
