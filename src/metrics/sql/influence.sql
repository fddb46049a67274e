-- What each group began, and what it had a hand in (F53, M39).
-- $1 tenant  $2 places as 'campaign:channel:group,...', campaign 0 = none  $3 $4 days [from, to)  $5 kinds of outcome as '1,4,5,8,9'
-- group_no: -2 outcomes without an eligible touch; else the group. Per kind, of outcomes of the period: sourced, sourced_amount: those
-- whose first eligible touch lies in the group; these add up. influenced, influenced_amount: those with any eligible touch in it, at
-- their whole amount; an outcome is in every group it touched, so these never add up. assists: of those, the ones whose last touch
-- lies elsewhere. first, middle, last, only: touches of the group by their place in the journey; only = the journey's single one.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id,
         CAST(split_part(x, ':', 3) AS INTEGER) AS group_no
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), wanted AS (
  SELECT CAST(x AS INTEGER) AS kind FROM unnest(string_to_array(CAST($5 AS TEXT), ',')) AS u(x)
), line AS (
  SELECT c.kind, c.outcome_id, CASE WHEN c.channel_id IS NULL THEN -2 ELSE place.group_no END AS group_no, c.position, c.touches,
         c.m_first
  FROM credit AS c
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE c.tenant_id = $1 AND c.kind IN (SELECT kind FROM wanted) AND c.day >= CAST($3 AS DATE) AND c.day < CAST($4 AS DATE)
), held AS (
  SELECT kind, outcome_id, group_no, bool_or(position = touches) AS ends
  FROM line
  GROUP BY kind, outcome_id, group_no
), placed AS (
  SELECT group_no, kind, count(*) FILTER (WHERE position <= 1) AS sourced, sum(m_first) AS sourced_amount,
         count(*) FILTER (WHERE position = 1 AND touches > 1) AS at_first,
         count(*) FILTER (WHERE position > 1 AND position < touches) AS at_middle,
         count(*) FILTER (WHERE position = touches AND touches > 1) AS at_last,
         count(*) FILTER (WHERE position = 1 AND touches = 1) AS at_only
  FROM line
  GROUP BY group_no, kind
), touched AS (
  SELECT h.group_no, h.kind, count(*) AS influenced, sum(o.amount_minor) AS influenced_amount,
         count(*) FILTER (WHERE NOT h.ends) AS assists
  FROM held AS h
  JOIN outcome AS o ON o.tenant_id = $1 AND o.kind = h.kind AND o.id = h.outcome_id
  GROUP BY h.group_no, h.kind
)
SELECT p.group_no, p.kind, p.sourced, CAST(p.sourced_amount AS BIGINT) AS sourced_amount, t.influenced,
       CAST(coalesce(t.influenced_amount, 0) AS BIGINT) AS influenced_amount, t.assists, p.at_first, p.at_middle, p.at_last, p.at_only
FROM placed AS p
JOIN touched AS t ON t.group_no = p.group_no AND t.kind = p.kind
