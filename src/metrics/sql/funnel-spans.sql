-- Days between neighbouring steps of what happened in a period (F90, reading `period`), and deals first paid in it.
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to)
-- $6 workspace zone
-- group_no: -1 the whole, every outcome once; -2 outcomes without an eligible touch; else the group. step: 2 MQL, 3 SQL,
-- 4 opportunity, 5 won, 6 receipt, of outcomes of the period; days since the step before, whenever that was. weight: of the outcomes;
-- median seconds over outcomes, each once; spans: their number; negative: those in the wrong order, left out. The SQL of an
-- opportunity is the first of its people. A deal that was lost again is not won. A receipt is a deal's first money.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), mql AS (
  SELECT id, occurred_at, lead_at, day FROM outcome WHERE tenant_id = $1 AND kind = 2
), accepted AS (
  SELECT id, occurred_at, day FROM outcome WHERE tenant_id = $1 AND kind = 3
), opened AS (
  SELECT o.id, o.occurred_at, min(a.occurred_at) AS sql_at
  FROM outcome AS o
  LEFT JOIN deal_person AS p ON p.tenant_id = $1 AND p.deal_id = o.id
  LEFT JOIN accepted AS a ON a.id = p.person_id
  WHERE o.tenant_id = $1 AND o.kind = 4 AND o.day >= CAST($4 AS DATE) AND o.day < CAST($5 AS DATE)
  GROUP BY o.id, o.occurred_at
), won AS (
  SELECT o.id, o.occurred_at, o.opened_at, o.day
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 5
    AND NOT EXISTS (SELECT 1 FROM outcome AS x WHERE x.tenant_id = $1 AND x.kind = 9 AND x.id = o.id)
), receipt AS (
  SELECT DISTINCT ON (deal_id) deal_id, id, paid_at,
         CAST((paid_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($6 AS TEXT) AS DATE) AS day
  FROM payment
  WHERE tenant_id = $1 AND amount_minor > 0
  ORDER BY deal_id, paid_at, source, source_id
), span AS (
  SELECT 2 AS step, 2 AS kind, id, occurred_at - lead_at AS taken, day FROM mql
  UNION ALL
  SELECT 3, 3, a.id, a.occurred_at - m.occurred_at, a.day FROM accepted AS a LEFT JOIN mql AS m ON m.id = a.id
  UNION ALL
  SELECT 4, 4, id, occurred_at - sql_at, CAST($4 AS DATE) FROM opened
  UNION ALL
  SELECT 5, 5, id, occurred_at - opened_at, day FROM won
  UNION ALL
  SELECT 6, 6, r.id, r.paid_at - w.occurred_at, r.day FROM receipt AS r LEFT JOIN won AS w ON w.id = r.deal_id
), inside AS (
  SELECT step, kind, id, floor(CAST(EXTRACT(EPOCH FROM taken) AS DOUBLE PRECISION)) AS seconds
  FROM span
  WHERE day >= CAST($4 AS DATE) AND day < CAST($5 AS DATE)
), part AS (
  SELECT i.step, i.id, i.seconds, CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no,
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
  FROM inside AS i
  JOIN credit AS c ON c.tenant_id = $1 AND c.kind = i.kind AND c.outcome_id = i.id
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE CAST($2 AS TEXT) <> ''
  GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT step, id, seconds, -1, 720720000000 FROM inside
)
SELECT group_no, step, CAST(sum(w) AS BIGINT) AS weight,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE seconds >= 0) AS median,
       count(*) FILTER (WHERE seconds >= 0) AS spans, count(*) FILTER (WHERE seconds < 0) AS negative
FROM part
WHERE w > 0
GROUP BY group_no, step
