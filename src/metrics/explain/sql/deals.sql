-- Opportunities of a period and what became of them (M11, M12, M40): the rows behind sums of funnel-deals.sql, reading `cohort`.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without, '(whole)'
-- = every one once  $3 model  $4 $5 days [from, to) in which the deals were opened  $6 which: opened,
-- won, lost  $7 rows  $8 skip
-- weight: units of 1/720720000000, of the opportunity; amount_minor: of those won, minor units of the workspace's currency.
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
  WHERE c.tenant_id = $1 AND (c.kind = 4 OR c.kind = 5 AND c.opened_day IS NULL)
    AND CASE
      WHEN CAST($2 AS TEXT) = '(whole)' THEN TRUE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($2 AS TEXT) IS NULL THEN TRUE
      ELSE place.channel_id IS NOT NULL
    END
  GROUP BY c.outcome_id
), closing AS (
  SELECT owner_id AS deal_id, max(day) FILTER (WHERE kind = 4) AS opened_day, max(day) FILTER (WHERE kind = 5) AS won_day,
         max(amount_minor) FILTER (WHERE kind = 5) AS amount_minor, max(day) FILTER (WHERE kind = 9) AS lost_day
  FROM outcome
  WHERE tenant_id = $1 AND kind IN (4, 5, 9)
  GROUP BY owner_id
), taken AS (
  SELECT d.source_id, d.source, d.name, c.opened_day, c.amount_minor,
         coalesce(part.w, CASE WHEN CAST($2 AS TEXT) IN ('(whole)', '(unattributed)') AND NOT EXISTS (
           SELECT 1 FROM credit AS x
           WHERE x.tenant_id = $1 AND x.outcome_id = d.id AND (x.kind = 4 OR x.kind = 5 AND x.opened_day IS NULL))
           THEN 720720000000 END) AS weight
  FROM deal AS d
  JOIN closing AS c ON c.deal_id = d.id
  LEFT JOIN part ON part.outcome_id = d.id
  WHERE d.tenant_id = $1 AND c.opened_day >= CAST($4 AS DATE) AND c.opened_day < CAST($5 AS DATE)
    AND CASE CAST($6 AS TEXT)
      WHEN 'won' THEN c.won_day IS NOT NULL AND c.lost_day IS NULL
      WHEN 'lost' THEN d.won IS FALSE
      ELSE TRUE
    END
)
SELECT source_id, source, name, opened_day AS day, weight, amount_minor, count(*) OVER () AS all_count
FROM taken
WHERE weight > 0
ORDER BY opened_day, source, source_id
LIMIT CAST($7 AS BIGINT) OFFSET CAST($8 AS BIGINT)
