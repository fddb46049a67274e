-- The first line that cannot be used, by its path: what is wrong, the text at fault, how many there are.
SELECT path AS name, problem,
       CASE problem WHEN 1 THEN total_conversions WHEN 2 THEN total_null ELSE total_conversion_value END AS written,
       CAST(count(*) OVER () AS DOUBLE) AS journeys
FROM journey
WHERE problem IS NOT NULL
ORDER BY path NULLS FIRST, problem, written NULLS FIRST
LIMIT 1
