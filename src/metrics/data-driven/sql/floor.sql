-- Whether the journeys of a period are enough for data-driven models, as far as a quick look tells (product.md §4).
-- $1 tenant  $2 $3 days [from, to)  $4 date basis: close, created, touch, cohort  $5 journeys that each channel needs
-- conversions: won deals of the period with an eligible touch (journeys.sql says which); untouched, untouched_minor: those
-- without, and their money. unsure: channels of touches that may be on too few journeys, as 'id,...'; null = none. A channel
-- with so many times as many touches as the longest journey has cannot be one of them.
WITH touched AS (
  SELECT outcome_id, bool_or(read_day >= CAST($2 AS DATE) AND read_day < CAST($3 AS DATE)) AS counts
  FROM (SELECT outcome_id, coalesce(touch_day, day) AS read_day
        FROM credit
        WHERE tenant_id = $1 AND kind = 5 AND CAST($4 AS TEXT) = 'touch') AS dated
  GROUP BY outcome_id
), sale AS (
  SELECT id, amount_minor,
         CASE CAST($4 AS TEXT) WHEN 'created' THEN coalesce(opened_day, day) WHEN 'cohort' THEN coalesce(cohort_day, day)
                               ELSE day END AS read_day
  FROM outcome
  WHERE tenant_id = $1 AND kind = 5
    AND id NOT IN (SELECT id FROM outcome
                   WHERE tenant_id = $1 AND kind = 9 AND (CAST($4 AS TEXT) <> 'close' OR day < CAST($3 AS DATE)))
), passed AS (
  SELECT c.position, c.channel_id, c.touches, s.amount_minor
  FROM sale AS s
  LEFT JOIN touched AS t ON t.outcome_id = s.id
  JOIN credit AS c ON c.tenant_id = $1 AND c.kind = 5 AND c.outcome_id = s.id
  WHERE coalesce(t.counts, s.read_day >= CAST($2 AS DATE) AND s.read_day < CAST($3 AS DATE))
), busy AS (
  SELECT channel_id
  FROM passed
  WHERE position > 0
  GROUP BY channel_id
  HAVING count(*) >= CAST($5 AS INTEGER) * max(touches)
), seen AS (
  SELECT DISTINCT channel_id FROM touch WHERE tenant_id = $1 AND eligible IS NOT FALSE
)
SELECT count(*) FILTER (WHERE position = 1) AS conversions, count(*) FILTER (WHERE position = 0) AS untouched,
       CAST(coalesce(sum(amount_minor) FILTER (WHERE position = 0), 0) AS BIGINT) AS untouched_minor,
       (SELECT string_agg(CAST(channel_id AS TEXT), ',') FROM seen
        WHERE channel_id NOT IN (SELECT channel_id FROM busy)) AS unsure
FROM passed
