-- Outcomes that a group had a hand in, with the place of its touches (M39): the rows behind influence.sql, newest first.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch  $3 $4 days [from, to)  $5 which: assists,
-- first, middle, last, touches  $6 rows  $7 skip
-- part: 1 for an assist, -1 where its deal was lost again; else the number of touches at that place.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), held AS (
  SELECT c.kind, c.outcome_id, max(c.owner_id) AS owner_id, max(c.day) AS day, max(c.touches) AS touches,
         bool_or(c.position = c.touches) AS ends,
         count(*) FILTER (WHERE c.position = 1 AND c.touches > 1) AS at_first,
         count(*) FILTER (WHERE c.position > 1 AND c.position < c.touches) AS at_middle,
         count(*) FILTER (WHERE c.position = c.touches AND c.touches > 1) AS at_last,
         count(*) AS at_all
  FROM credit AS c
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE c.tenant_id = $1 AND c.channel_id IS NOT NULL AND c.day >= CAST($3 AS DATE) AND c.day < CAST($4 AS DATE)
    AND (CAST($2 AS TEXT) IS NULL OR place.channel_id IS NOT NULL)
    AND (c.kind = 5 OR c.kind = 9 AND CAST($5 AS TEXT) = 'assists')
  GROUP BY c.kind, c.outcome_id
), told AS (
  SELECT held.*, CASE CAST($5 AS TEXT)
           WHEN 'assists' THEN CASE WHEN ends THEN 0 WHEN kind = 9 THEN -1 ELSE 1 END
           WHEN 'first' THEN at_first
           WHEN 'middle' THEN at_middle
           WHEN 'last' THEN at_last
           ELSE at_all
         END AS part
  FROM held
)
SELECT d.source_id, d.source, d.name, t.kind, t.day, t.touches, CAST(t.part AS BIGINT) AS part, count(*) OVER () AS all_count
FROM told AS t
LEFT JOIN deal AS d ON d.tenant_id = $1 AND d.id = t.owner_id
WHERE t.part <> 0
ORDER BY t.day DESC, d.source, d.source_id, t.kind
LIMIT CAST($6 AS BIGINT) OFFSET CAST($7 AS BIGINT)
