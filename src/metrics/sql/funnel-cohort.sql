-- The funnel of the leads created in a period, followed to the end (F90, reading `cohort`).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to)
-- group_no: -1 the whole, every lead once; -2 leads without an eligible touch; else the group, where a lead counts with its
-- weight. n1..n6: weight that reached lead, MQL, SQL, opportunity, won, receipt, or a later step: a deal may be won without an
-- MQL. own2..own6: weight with a date of that step itself. Of the days between two neighbouring steps that both have a date:
-- d2..d6 median seconds over leads, each once; k2..k6 their number; b2..b6 how many came in the wrong order, left out.
-- by_account: weight that got an opportunity only through a deal that names nobody, where all contacts of its account stand in.
-- A lead's own is the first of its deals; one that was lost after it was won is not won.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), milestone AS (
  SELECT l.id, l.occurred_at AS lead_at, m.occurred_at AS mql_at, s.occurred_at AS sql_at
  FROM outcome AS l
  LEFT JOIN outcome AS m ON m.tenant_id = $1 AND m.kind = 2 AND m.id = l.id
  LEFT JOIN outcome AS s ON s.tenant_id = $1 AND s.kind = 3 AND s.id = l.id
  WHERE l.tenant_id = $1 AND l.kind = 1 AND l.day >= CAST($4 AS DATE) AND l.day < CAST($5 AS DATE)
), closing AS (
  SELECT owner_id AS deal_id, min(occurred_at) FILTER (WHERE kind = 4) AS opened_at,
         min(occurred_at) FILTER (WHERE kind = 5) AS won_at, bool_or(kind = 9) AS lost
  FROM outcome
  WHERE tenant_id = $1 AND kind IN (4, 5, 9)
  GROUP BY owner_id
), paid AS (
  SELECT deal_id, min(paid_at) AS paid_at FROM payment WHERE tenant_id = $1 AND amount_minor > 0 GROUP BY deal_id
), ahead AS (
  SELECT p.person_id, min(c.opened_at) AS opened_at, min(CASE WHEN NOT c.lost THEN c.won_at END) AS won_at,
         min(paid.paid_at) AS paid_at, bool_and(p.fallback) AS by_account
  FROM deal_person AS p
  LEFT JOIN closing AS c ON c.deal_id = p.deal_id
  LEFT JOIN paid ON paid.deal_id = p.deal_id
  WHERE p.tenant_id = $1 AND p.person_id IN (SELECT id FROM milestone)
    AND (c.deal_id IS NOT NULL OR paid.deal_id IS NOT NULL)
  GROUP BY p.person_id
), reached AS (
  SELECT m.id, m.mql_at, m.sql_at, a.opened_at, a.won_at, a.paid_at, a.by_account,
         CASE WHEN a.paid_at IS NOT NULL THEN 6 WHEN a.won_at IS NOT NULL THEN 5 WHEN a.opened_at IS NOT NULL THEN 4
              WHEN m.sql_at IS NOT NULL THEN 3 WHEN m.mql_at IS NOT NULL THEN 2 ELSE 1 END AS step,
         floor(CAST(EXTRACT(EPOCH FROM m.mql_at - m.lead_at) AS DOUBLE PRECISION)) AS s2,
         floor(CAST(EXTRACT(EPOCH FROM m.sql_at - m.mql_at) AS DOUBLE PRECISION)) AS s3,
         floor(CAST(EXTRACT(EPOCH FROM a.opened_at - m.sql_at) AS DOUBLE PRECISION)) AS s4,
         floor(CAST(EXTRACT(EPOCH FROM a.won_at - a.opened_at) AS DOUBLE PRECISION)) AS s5,
         floor(CAST(EXTRACT(EPOCH FROM a.paid_at - a.won_at) AS DOUBLE PRECISION)) AS s6
  FROM milestone AS m
  LEFT JOIN ahead AS a ON a.person_id = m.id
), part AS (
  SELECT c.outcome_id, CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no,
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
  FROM credit AS c
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE c.tenant_id = $1 AND c.kind = 1 AND c.day >= CAST($4 AS DATE) AND c.day < CAST($5 AS DATE)
    AND CAST($2 AS TEXT) <> ''
  GROUP BY 1, 2
)
SELECT -1 AS group_no, CAST(count(*) * 720720000000 AS BIGINT) AS n1,
       CAST(count(*) FILTER (WHERE r.step >= 2) * 720720000000 AS BIGINT) AS n2,
       CAST(count(*) FILTER (WHERE r.step >= 3) * 720720000000 AS BIGINT) AS n3,
       CAST(count(*) FILTER (WHERE r.step >= 4) * 720720000000 AS BIGINT) AS n4,
       CAST(count(*) FILTER (WHERE r.step >= 5) * 720720000000 AS BIGINT) AS n5,
       CAST(count(*) FILTER (WHERE r.step >= 6) * 720720000000 AS BIGINT) AS n6,
       CAST(count(r.mql_at) * 720720000000 AS BIGINT) AS own2,
       CAST(count(r.sql_at) * 720720000000 AS BIGINT) AS own3,
       CAST(count(r.opened_at) * 720720000000 AS BIGINT) AS own4,
       CAST(count(r.won_at) * 720720000000 AS BIGINT) AS own5,
       CAST(count(r.paid_at) * 720720000000 AS BIGINT) AS own6,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s2) FILTER (WHERE r.s2 >= 0) AS d2,
       count(*) FILTER (WHERE r.s2 >= 0) AS k2, count(*) FILTER (WHERE r.s2 < 0) AS b2,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s3) FILTER (WHERE r.s3 >= 0) AS d3,
       count(*) FILTER (WHERE r.s3 >= 0) AS k3, count(*) FILTER (WHERE r.s3 < 0) AS b3,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s4) FILTER (WHERE r.s4 >= 0) AS d4,
       count(*) FILTER (WHERE r.s4 >= 0) AS k4, count(*) FILTER (WHERE r.s4 < 0) AS b4,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s5) FILTER (WHERE r.s5 >= 0) AS d5,
       count(*) FILTER (WHERE r.s5 >= 0) AS k5, count(*) FILTER (WHERE r.s5 < 0) AS b5,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s6) FILTER (WHERE r.s6 >= 0) AS d6,
       count(*) FILTER (WHERE r.s6 >= 0) AS k6, count(*) FILTER (WHERE r.s6 < 0) AS b6,
       CAST(count(*) FILTER (WHERE r.step >= 4 AND r.by_account) * 720720000000 AS BIGINT) AS by_account
FROM reached AS r
UNION ALL
SELECT p.group_no, CAST(sum(p.w) AS BIGINT) AS n1,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.step >= 2), 0) AS BIGINT) AS n2,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.step >= 3), 0) AS BIGINT) AS n3,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.step >= 4), 0) AS BIGINT) AS n4,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.step >= 5), 0) AS BIGINT) AS n5,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.step >= 6), 0) AS BIGINT) AS n6,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.mql_at IS NOT NULL), 0) AS BIGINT) AS own2,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.sql_at IS NOT NULL), 0) AS BIGINT) AS own3,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.opened_at IS NOT NULL), 0) AS BIGINT) AS own4,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.won_at IS NOT NULL), 0) AS BIGINT) AS own5,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.paid_at IS NOT NULL), 0) AS BIGINT) AS own6,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s2) FILTER (WHERE r.s2 >= 0) AS d2,
       count(*) FILTER (WHERE r.s2 >= 0) AS k2, count(*) FILTER (WHERE r.s2 < 0) AS b2,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s3) FILTER (WHERE r.s3 >= 0) AS d3,
       count(*) FILTER (WHERE r.s3 >= 0) AS k3, count(*) FILTER (WHERE r.s3 < 0) AS b3,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s4) FILTER (WHERE r.s4 >= 0) AS d4,
       count(*) FILTER (WHERE r.s4 >= 0) AS k4, count(*) FILTER (WHERE r.s4 < 0) AS b4,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s5) FILTER (WHERE r.s5 >= 0) AS d5,
       count(*) FILTER (WHERE r.s5 >= 0) AS k5, count(*) FILTER (WHERE r.s5 < 0) AS b5,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.s6) FILTER (WHERE r.s6 >= 0) AS d6,
       count(*) FILTER (WHERE r.s6 >= 0) AS k6, count(*) FILTER (WHERE r.s6 < 0) AS b6,
       CAST(coalesce(sum(p.w) FILTER (WHERE r.step >= 4 AND r.by_account), 0) AS BIGINT) AS by_account
FROM part AS p
JOIN reached AS r ON r.id = p.outcome_id
WHERE p.w > 0
GROUP BY p.group_no
