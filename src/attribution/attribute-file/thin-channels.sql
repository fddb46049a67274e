-- Channels on fewer than 30 paths (product.md §4). A channel with 30 times as many touches as the longest journey has
-- cannot be one of them, so only the few others are counted exactly.
SELECT channel.name
FROM (SELECT DISTINCT journey, channel
      FROM step
      WHERE channel IN (SELECT channel FROM cell GROUP BY channel
                        HAVING sum(conversions + nulls) < 30 * (SELECT max(n) FROM journey))) AS passed
JOIN journey ON journey.rowid = passed.journey
JOIN channel ON channel.code = passed.channel
GROUP BY channel.name
HAVING sum(journey.conversions + journey.nulls) < 30
ORDER BY channel.name
