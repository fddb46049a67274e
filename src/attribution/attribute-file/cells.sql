-- Touches counted by everything a rule model or the order-1 chain asks of them: one pass over all steps, after which
-- only this small table is read. Sums are whole numbers, so threads may add them in any order.
-- Variables: half_life (microseconds)
--
-- Time decay (attribution.md §7): decay = floor(2^40 * 2^(-(newest - moment) / H) + 0.5), exponent bounded at 40, held
-- in doubles: they sum exactly up to 8,192 touches, so a longer journey starts from a smaller power. share = decay / sum
-- in 2^-50.
CREATE TEMP TABLE cell AS
WITH touch AS (
  SELECT step.journey, step.moment, step.ordinal, step.channel,
         journey.n, journey.newest, journey.conversions, journey.nulls, journey.units,
         least(40, 53 - ceil(log2(journey.n))) AS power
  FROM step
  JOIN journey ON journey.rowid = step.journey
), weighed AS (
  SELECT touch.*, floor(pow(2, power - least((newest - moment) / getvariable('half_life'), power)) + 0.5) AS decay
  FROM touch
), placed AS (
  SELECT weighed.*,
         row_number() OVER ordered AS place,
         lag(channel) OVER ordered AS previous,
         CAST(1125899906842624.0 * (decay / sum(decay) OVER whole) AS BIGINT) AS share
  FROM weighed
  WINDOW whole AS (PARTITION BY journey),
         ordered AS (PARTITION BY journey ORDER BY moment, ordinal NULLS LAST, channel)
)
SELECT channel, previous, n,
       place = 1 AS is_first,
       place = n AS is_last,
       units < 0 AS refunds,
       sum(conversions) AS conversions,
       sum(nulls) AS nulls,
       sum(units) AS units,
       sum(conversions * share) AS decayed_conversions,
       sum(units * share) AS decayed_units
FROM placed
GROUP BY channel, previous, n, place = 1, place = n, units < 0
