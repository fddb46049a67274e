-- Steps between channels and, of those that end a journey, how it ended: the chain of order 1. previous NULL = start.
-- $1 units in 1 of value
SELECT previous, channel,
       CAST(sum(conversions + nulls) AS DOUBLE) AS journeys,
       CAST(coalesce(sum(conversions) FILTER (WHERE is_last), 0) AS DOUBLE) AS conversions,
       CAST(coalesce(sum(nulls) FILTER (WHERE is_last), 0) AS DOUBLE) AS nulls,
       CAST(coalesce(sum(units) FILTER (WHERE is_last AND NOT refunds), 0) AS DOUBLE) / $1 AS gain,
       CAST(coalesce(-sum(units) FILTER (WHERE is_last AND refunds), 0) AS DOUBLE) / $1 AS loss
FROM cell
GROUP BY previous, channel
ORDER BY previous NULLS FIRST, channel
