-- Totals of the file and of what no touch precedes.
-- $1 units in 1 of value
SELECT CAST(count(*) AS DOUBLE) AS rows,
       CAST(coalesce(sum(conversions + nulls), 0) AS DOUBLE) AS journeys,
       CAST(coalesce(sum(conversions), 0) AS DOUBLE) AS conversions,
       CAST(coalesce(sum(units), 0) AS DOUBLE) / $1 AS value,
       CAST(coalesce(sum(conversions) FILTER (WHERE n = 0), 0) AS DOUBLE) AS untouched_conversions,
       CAST(coalesce(sum(units) FILTER (WHERE n = 0), 0) AS DOUBLE) / $1 AS untouched_value,
       CAST(coalesce(sum(touches - n), 0) AS DOUBLE) AS late,
       CAST(coalesce(sum(unnamed), 0) AS DOUBLE) AS unnamed
FROM journey
