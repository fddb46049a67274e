-- Credit of the last touch outside the direct set, of the last touch when all are direct: the tie order reversed, with
-- direct touches put behind all others.
-- $1 units in 1 of value
SELECT 'last_non_direct' AS model, touch.channel,
       CAST(sum(journey.conversions) AS DOUBLE) AS conversions,
       CAST(sum(journey.units) AS DOUBLE) / $1 AS value
FROM (SELECT step.journey, step.channel,
             row_number() OVER (PARTITION BY step.journey
                                ORDER BY channel.is_direct, step.moment DESC, step.ordinal DESC NULLS FIRST,
                                         step.channel DESC) AS place
      FROM step
      JOIN channel ON channel.code = step.channel) AS touch
JOIN journey ON journey.rowid = touch.journey
WHERE touch.place = 1
GROUP BY touch.channel
ORDER BY touch.channel
