-- Credit by group under one data-driven model, in the shape of metrics/sql/ledger-sums.sql.
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none  $3 by month as well  $4 $5 days [from, to)
-- $6 date: 'close' = the outcome's own day, 'created', 'touch', 'cohort' as in ledger-sums-dated.sql
-- $7 weights of channels as 'channel:units,...', whole numbers up to 720720000000; a channel that is missing has none
-- $8 a channel's weight is shared out over its touches in the journey; false = each of them has it
--
-- Every outcome is split over its touches in proportion to these weights, by cumulative rounding in journey order: doubles
-- hold the sums exactly for journeys of up to 12,000 touches. A journey whose touches have no weight is split evenly.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), weight AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS channel_id, CAST(split_part(x, ':', 2) AS DOUBLE PRECISION) AS units
  FROM unnest(string_to_array(CAST($7 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), line AS (
  SELECT kind, outcome_id, is_new, layer, coalesce(campaign_id, 0) AS campaign_id, channel_id, position, touches, m_first,
         CASE CAST($6 AS TEXT) WHEN 'created' THEN coalesce(opened_day, day) WHEN 'touch' THEN coalesce(touch_day, day)
                               WHEN 'cohort' THEN coalesce(cohort_day, day) ELSE day END AS read_day
  FROM credit
  WHERE tenant_id = $1
), chosen AS (
  -- All touches of an outcome have the same day, but for those of their own.
  SELECT * FROM line
  WHERE CAST($6 AS TEXT) = 'touch' OR read_day >= CAST($4 AS DATE) AND read_day < CAST($5 AS DATE)
), repeated AS (
  SELECT kind, outcome_id, channel_id, count(*) AS times
  FROM chosen
  WHERE CAST($8 AS BOOLEAN) AND channel_id IS NOT NULL
  GROUP BY kind, outcome_id, channel_id
), weighed AS (
  SELECT c.*, CASE WHEN c.channel_id IS NULL THEN CAST(1 AS DOUBLE PRECISION)
                   ELSE floor(coalesce(w.units, CAST(0 AS DOUBLE PRECISION)) / coalesce(r.times, 1) + 0.5) END AS own
  FROM chosen AS c
  LEFT JOIN weight AS w ON w.channel_id = c.channel_id
  LEFT JOIN repeated AS r ON r.kind = c.kind AND r.outcome_id = c.outcome_id AND r.channel_id = c.channel_id
), summed AS (
  SELECT weighed.*, sum(own) OVER ordered AS own_up, sum(own) OVER journey AS own_all,
         CAST(sum(m_first) OVER journey AS DOUBLE PRECISION) AS amount
  FROM weighed
  WINDOW journey AS (PARTITION BY kind, outcome_id),
         ordered AS (PARTITION BY kind, outcome_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), parted AS (
  SELECT kind, is_new, layer, campaign_id, channel_id, read_day, CASE WHEN amount < 0 THEN -1 ELSE 1 END AS sign_a,
         abs(amount) AS a,
         CASE WHEN own_all = 0 THEN CAST(1 AS DOUBLE PRECISION) ELSE own END AS o,
         CASE WHEN own_all = 0 THEN CAST(position AS DOUBLE PRECISION) ELSE own_up END AS c,
         CASE WHEN own_all = 0 THEN CAST(touches AS DOUBLE PRECISION) ELSE own_all END AS t
  FROM summed
), cell AS (
  SELECT kind, is_new, layer, campaign_id, channel_id, read_day AS month,
         CAST(CASE WHEN c = t THEN 720720000000 ELSE floor(720720000000 * c / t) END
           - floor(720720000000 * (c - o) / t) AS BIGINT) AS w,
         CAST(sign_a * (CASE WHEN c = t THEN a ELSE floor(a * c / t) END - floor(a * (c - o) / t)) AS BIGINT) AS m
  FROM parted
  WHERE read_day >= CAST($4 AS DATE) AND read_day < CAST($5 AS DATE)
)
SELECT CASE WHEN cell.channel_id IS NULL THEN NULL ELSE place.group_no END AS group_no,
       CASE WHEN CAST($3 AS BOOLEAN) THEN substr(CAST(cell.month AS TEXT), 1, 7) END AS month,
       cell.kind, cell.is_new, cell.layer, CAST(sum(w) AS BIGINT) AS w, CAST(sum(m) AS BIGINT) AS m
FROM cell
LEFT JOIN place ON place.channel_id = cell.channel_id AND place.campaign_id = cell.campaign_id
GROUP BY 1, 2, cell.kind, cell.is_new, cell.layer
