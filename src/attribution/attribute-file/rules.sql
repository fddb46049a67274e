-- Credit per channel of the models that ask for a touch's place or age (attribution.md §1): weight by position, times what stands in the cells.
-- A fixed order and a compensated sum: the same file gives the same digits.
-- $1 units in 1 of value
WITH role AS (
  SELECT channel, n, is_first, is_last,
         CAST(sum(conversions) AS DOUBLE) AS conversions, CAST(sum(units) AS DOUBLE) / $1 AS value
  FROM cell
  GROUP BY channel, n, is_first, is_last
), weighed AS (
  SELECT model, role.*,
         CAST(CASE model
           WHEN 'first' THEN CASE WHEN is_first THEN 1 ELSE 0 END
           WHEN 'last' THEN CASE WHEN is_last THEN 1 ELSE 0 END
           WHEN 'linear' THEN 1e0 / n
           WHEN 'u_position' THEN
             CASE WHEN n <= 2 THEN 1e0 / n WHEN is_first OR is_last THEN 4e-1 ELSE 2e-1 / (n - 2) END
           WHEN 'j_position' THEN
             CASE WHEN n = 1 THEN 1 WHEN n = 2 THEN CASE WHEN is_first THEN 25e-2 ELSE 75e-2 END
                  WHEN is_first THEN 2e-1 WHEN is_last THEN 6e-1 ELSE 2e-1 / (n - 2) END
           WHEN 'inverse_j_position' THEN
             CASE WHEN n = 1 THEN 1 WHEN n = 2 THEN CASE WHEN is_first THEN 75e-2 ELSE 25e-2 END
                  WHEN is_first THEN 6e-1 WHEN is_last THEN 2e-1 ELSE 2e-1 / (n - 2) END
         END AS DOUBLE) AS weight
  FROM role
  CROSS JOIN (VALUES ('first'), ('last'), ('linear'), ('u_position'), ('j_position'),
                     ('inverse_j_position')) AS m (model)
)
SELECT model, channel,
       fsum(weight * conversions ORDER BY n, is_first, is_last) AS conversions,
       fsum(weight * value ORDER BY n, is_first, is_last) AS value
FROM weighed
GROUP BY model, channel
UNION ALL
SELECT 'time_decay' AS model, channel,
       CAST(sum(decayed_conversions) AS DOUBLE) / 1125899906842624.0 AS conversions,
       CAST(sum(decayed_units) AS DOUBLE) / 1125899906842624.0 / $1 AS value
FROM cell
GROUP BY channel
ORDER BY model, channel
