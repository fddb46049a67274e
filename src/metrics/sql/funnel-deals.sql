-- What became of opportunities (M11, M12, M40).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none; '' = the whole only  $3 model  $4 $5 days [from, to)
-- $6 reading: 'period' = deals decided in the period, 'cohort' = deals opened in it, whenever they are decided  $7 workspace zone
-- group_no: -1 the whole, every deal once; -2 deals without an eligible touch; else the group, where a deal counts with the weight
-- of its opportunity, or of its win where it has no creation date. opened, opened_won: deals opened in the period and those of
-- them that are won by now; won, lost: deals decided; amount: sum of weight x minor units of those won, as text.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), closing AS (
  SELECT owner_id AS deal_id, max(day) FILTER (WHERE kind = 4) AS opened_day, max(day) FILTER (WHERE kind = 5) AS won_day,
         max(amount_minor) FILTER (WHERE kind = 5) AS amount_minor, max(day) FILTER (WHERE kind = 9) AS lost_day
  FROM outcome
  WHERE tenant_id = $1 AND kind IN (4, 5, 9)
  GROUP BY owner_id
), fate AS (
  SELECT d.id, c.amount_minor, c.won_day IS NOT NULL AND c.lost_day IS NULL AS won, d.won IS FALSE AS lost,
         coalesce(c.opened_day >= CAST($4 AS DATE) AND c.opened_day < CAST($5 AS DATE), FALSE) AS opened,
         coalesce(c.lost_day, c.won_day,
                  CAST((d.closed_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($7 AS TEXT) AS DATE)) AS decided_day
  FROM deal AS d
  LEFT JOIN closing AS c ON c.deal_id = d.id
  WHERE d.tenant_id = $1
), taken AS (
  SELECT f.id, f.amount_minor, f.opened, f.won, f.lost,
         CASE CAST($6 AS TEXT)
           WHEN 'cohort' THEN f.opened
           ELSE coalesce(f.decided_day >= CAST($4 AS DATE) AND f.decided_day < CAST($5 AS DATE), FALSE) END AS decided
  FROM fate AS f
), wanted AS (
  SELECT * FROM taken WHERE opened OR decided AND (won OR lost)
), part AS (
  SELECT t.id, CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no,
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
  FROM wanted AS t
  LEFT JOIN credit AS c ON c.tenant_id = $1 AND c.outcome_id = t.id AND (c.kind = 4 OR c.kind = 5 AND c.opened_day IS NULL)
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE CAST($2 AS TEXT) <> ''
  UNION ALL
  SELECT id, -1, 720720000000 FROM wanted
)
SELECT p.group_no,
       CAST(coalesce(sum(p.w) FILTER (WHERE t.opened), 0) AS BIGINT) AS opened,
       CAST(coalesce(sum(p.w) FILTER (WHERE t.opened AND t.won), 0) AS BIGINT) AS opened_won,
       CAST(coalesce(sum(p.w) FILTER (WHERE t.decided AND t.won), 0) AS BIGINT) AS won,
       CAST(coalesce(sum(p.w) FILTER (WHERE t.decided AND t.lost), 0) AS BIGINT) AS lost,
       CAST(coalesce(sum(CAST(p.w AS DECIMAL(19, 0)) * CAST(t.amount_minor AS DECIMAL(19, 0)))
                     FILTER (WHERE t.decided AND t.won), 0) AS TEXT) AS amount
FROM part AS p
JOIN wanted AS t ON t.id = p.id
GROUP BY p.group_no
