-- The first journey that cannot be used, by its id: what is wrong (6 = its rows disagree), the text at fault, how many.
SELECT journey.journey_id AS name, journey.problem,
       (SELECT min(CASE journey.problem WHEN 2 THEN ts WHEN 3 THEN converted_at WHEN 4 THEN value WHEN 5 THEN seq END)
        FROM touch
        WHERE touch.problem = journey.problem AND touch.journey_id IS NOT DISTINCT FROM journey.journey_id) AS written,
       CAST(count(*) OVER () AS DOUBLE) AS journeys
FROM (SELECT journey_id, coalesce(problem, 6) AS problem FROM journey WHERE problem IS NOT NULL OR torn) AS journey
ORDER BY journey.journey_id NULLS FIRST
LIMIT 1
