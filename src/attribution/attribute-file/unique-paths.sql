-- Distinct paths with their counts, refunds apart. A path is a text with one character per touch: the channel's number
-- + 33, past the surrogates (2,048 from 55,296 on), which stand for no character.
-- $1 units in 1 of value
SELECT path,
       CAST(sum(conversions) AS DOUBLE) AS conversions,
       CAST(sum(nulls) AS DOUBLE) AS nulls,
       CAST(sum(units) AS DOUBLE) / $1 AS value
FROM (SELECT array_to_string(list_transform(list_sort(steps), lambda step:
               chr(CAST(step % 4294967296 + CASE WHEN step % 4294967296 < 55263 THEN 33 ELSE 2081 END AS INTEGER))), '') AS path,
             journey.conversions, journey.nulls, journey.units
      FROM (SELECT journey, list(place * 4294967296 + channel) AS steps
            FROM (SELECT journey, channel,
                         row_number() OVER (PARTITION BY journey ORDER BY moment, ordinal NULLS LAST, channel) AS place
                  FROM step)
            GROUP BY journey) AS walked
      JOIN journey ON journey.rowid = walked.journey)
GROUP BY path, units < 0
ORDER BY path, units < 0
