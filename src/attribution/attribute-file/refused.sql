-- How many journeys (or lines of paths) cannot be used.
SELECT CAST(count(*) AS DOUBLE) AS refused
FROM journey
WHERE problem IS NOT NULL OR torn
