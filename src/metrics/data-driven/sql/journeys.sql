-- The journeys of a period, counted for one kind of data-driven model (attribution.md §2, §3).
-- $1 tenant  $2 channels as 'id:code:direct,...', codes from 0, direct 1 or 0  $3 $4 days [from, to)
-- $5 date basis: close, created, touch, cohort  $6 workspace zone  $7 look-back in days  $8 direct touches count only where
-- a journey has nothing else  $9 touches of campaigns alone count where a journey has any
-- $10 what is counted: 1 to 3 = transitions between states of so many channels, 0 = sets of channels, 4 = whole paths
-- $11 channels as 'id,...': only journeys that may hold one of them; null = all
--
-- A journey that converted: the eligible touches of a won deal of the period, as the ledger has them; by touch date of a
-- deal with a touch in the period. A deal lost again by then is none.
-- One that did not: of everybody else, the eligible touches that a deal of the period could have had (from the look-back
-- before its start to its end), those since his last deal won before it, not older than the look-back before the last of
-- them. People of a deal won in the period have none. What comes after the period changes nothing.
--
-- Value is in minor units: gain of what converted above 0, loss below 0 as a positive number.
-- Transitions: previous = 0 for the start; a state is its channels' codes + 1 as digits of base channels + 1; rows of equal
-- states are no transitions. conversions, nulls, gain, loss: of the journeys that end in the state.
-- Sets: state = code + 1, previous = how many different channels the journey has.
-- Paths: one character per touch, code + 33, past the surrogates (2,048 from 55,296 on), which stand for no character.
WITH channel_code AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS channel_id, CAST(split_part(x, ':', 2) AS BIGINT) + 1 AS digit,
         split_part(x, ':', 3) = '1' AS is_direct
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), base AS (
  SELECT count(*) + 1 AS size FROM channel_code
), wanted AS (
  SELECT CAST(x AS BIGINT) AS channel_id FROM unnest(string_to_array(CAST($11 AS TEXT), ',')) AS u(x) WHERE x <> ''
), holder AS (
  SELECT DISTINCT person_id FROM touch
  WHERE tenant_id = $1 AND CAST($11 AS TEXT) IS NOT NULL AND channel_id IN (SELECT channel_id FROM wanted)
), held AS (
  SELECT DISTINCT outcome_id FROM credit
  WHERE tenant_id = $1 AND kind = 5 AND CAST($11 AS TEXT) IS NOT NULL AND channel_id IN (SELECT channel_id FROM wanted)
), span AS (
  SELECT (CAST($3 AS TIMESTAMP) AT TIME ZONE CAST($6 AS TEXT)) AT TIME ZONE 'UTC' AS starts,
         (CAST($4 AS TIMESTAMP) AT TIME ZONE CAST($6 AS TEXT)) AT TIME ZONE 'UTC' AS ends
), touched AS (
  SELECT outcome_id, bool_or(read_day >= CAST($3 AS DATE) AND read_day < CAST($4 AS DATE)) AS counts,
         bool_and(read_day < CAST($3 AS DATE)) AS is_past
  FROM (SELECT outcome_id, coalesce(touch_day, day) AS read_day
        FROM credit
        WHERE tenant_id = $1 AND kind = 5 AND CAST($5 AS TEXT) = 'touch') AS dated
  GROUP BY outcome_id
), sale AS (
  SELECT id, path_end, amount_minor,
         CASE CAST($5 AS TEXT) WHEN 'created' THEN coalesce(opened_day, day) WHEN 'cohort' THEN coalesce(cohort_day, day)
                               ELSE day END AS read_day
  FROM outcome
  WHERE tenant_id = $1 AND kind = 5
    AND id NOT IN (SELECT id FROM outcome
                   WHERE tenant_id = $1 AND kind = 9 AND (CAST($5 AS TEXT) <> 'close' OR day < CAST($4 AS DATE)))
), won AS (
  SELECT s.id, s.path_end, s.amount_minor,
         coalesce(t.counts, s.read_day >= CAST($3 AS DATE) AND s.read_day < CAST($4 AS DATE)) AS counts,
         coalesce(t.is_past, s.read_day < CAST($3 AS DATE)) AS is_past
  FROM sale AS s
  LEFT JOIN touched AS t ON t.outcome_id = s.id
), customer AS (
  SELECT p.person_id, bool_or(w.counts) AS counts, max(w.path_end) AS since
  FROM won AS w
  JOIN deal_person AS p ON p.tenant_id = $1 AND p.deal_id = w.id
  WHERE w.counts OR w.is_past
  GROUP BY p.person_id
), unspent AS (
  SELECT t.person_id, t.occurred_at, t.sequence, t.source, t.source_id, t.used_campaign_id, c.digit, c.is_direct
  FROM touch AS t
  CROSS JOIN span
  JOIN channel_code AS c ON c.channel_id = t.channel_id
  LEFT JOIN customer AS k ON k.person_id = t.person_id
  LEFT JOIN holder AS h ON h.person_id = t.person_id
  WHERE t.tenant_id = $1 AND t.eligible IS NOT FALSE AND t.occurred_at < span.ends
    AND t.occurred_at >= span.starts - CAST($7 AS INTEGER) * INTERVAL '1 day'
    AND (k.person_id IS NULL OR NOT k.counts AND t.occurred_at > k.since)
    AND (CAST($11 AS TEXT) IS NULL OR h.person_id IS NOT NULL)
), latest AS (
  SELECT person_id, max(occurred_at) AS newest FROM unspent GROUP BY person_id
), recent AS (
  SELECT u.*
  FROM unspent AS u
  CROSS JOIN span
  JOIN latest AS l ON l.person_id = u.person_id
  WHERE u.occurred_at >= l.newest - CAST($7 AS INTEGER) * INTERVAL '1 day'
    AND (CAST($5 AS TEXT) <> 'touch' OR l.newest >= span.starts)
), better AS (
  -- As passed-over.sql does for outcomes: touches without a campaign go first, then direct ones.
  SELECT person_id, CAST($9 AS BOOLEAN) AND bool_or(used_campaign_id IS NOT NULL) AS only_campaigns,
         CAST($8 AS BOOLEAN)
           AND CASE WHEN CAST($9 AS BOOLEAN) AND bool_or(used_campaign_id IS NOT NULL)
                    THEN bool_or(used_campaign_id IS NOT NULL AND NOT is_direct) ELSE bool_or(NOT is_direct) END AS no_direct
  FROM recent
  WHERE CAST($8 AS BOOLEAN) OR CAST($9 AS BOOLEAN)
  GROUP BY person_id
), step AS (
  SELECT TRUE AS converts, c.outcome_id AS journey, c.position AS place, c.touches AS n, d.digit, w.amount_minor AS amount
  FROM won AS w
  JOIN credit AS c ON c.tenant_id = $1 AND c.kind = 5 AND c.outcome_id = w.id
  JOIN channel_code AS d ON d.channel_id = c.channel_id
  LEFT JOIN held AS h ON h.outcome_id = w.id
  WHERE w.counts AND (CAST($11 AS TEXT) IS NULL OR h.outcome_id IS NOT NULL)
  UNION ALL
  SELECT FALSE, r.person_id,
         row_number() OVER (PARTITION BY r.person_id
                            ORDER BY r.occurred_at, r.sequence NULLS LAST, r.source, r.source_id),
         count(*) OVER (PARTITION BY r.person_id), r.digit, 0
  FROM recent AS r
  LEFT JOIN better AS b ON b.person_id = r.person_id
  WHERE NOT (r.is_direct AND coalesce(b.no_direct, FALSE))
    AND NOT (r.used_campaign_id IS NULL AND coalesce(b.only_campaigns, FALSE))
), walked AS (
  SELECT converts, amount, place, n, digit,
         coalesce(lag(digit, 1) OVER path, 0) AS before_1, coalesce(lag(digit, 2) OVER path, 0) AS before_2,
         coalesce(lag(digit, 3) OVER path, 0) AS before_3
  FROM step
  WHERE CAST($10 AS INTEGER) BETWEEN 1 AND 3
  WINDOW path AS (PARTITION BY converts, journey ORDER BY place)
), stated AS (
  SELECT converts, amount, place = n AS ends,
         digit + CASE WHEN CAST($10 AS INTEGER) > 1 THEN before_1 * size ELSE 0 END
               + CASE WHEN CAST($10 AS INTEGER) > 2 THEN before_2 * size * size ELSE 0 END AS state,
         CASE WHEN place = least(n, CAST($10 AS INTEGER)) THEN 0
              ELSE before_1 + CASE WHEN CAST($10 AS INTEGER) > 1 THEN before_2 * size ELSE 0 END
                 + CASE WHEN CAST($10 AS INTEGER) > 2 THEN before_3 * size * size ELSE 0 END END AS previous
  FROM walked
  CROSS JOIN base
  WHERE place >= least(n, CAST($10 AS INTEGER))
), passed AS (
  SELECT converts, journey, digit, max(amount) AS amount
  FROM step
  WHERE CAST($10 AS INTEGER) = 0
  GROUP BY converts, journey, digit
), sized AS (
  SELECT converts, journey, count(*) AS size FROM passed GROUP BY converts, journey
), written AS (
  SELECT converts, journey, max(amount) AS amount,
         string_agg(chr(CAST(digit + CASE WHEN digit < 55264 THEN 32 ELSE 2080 END AS INTEGER)), '' ORDER BY place) AS path
  FROM step
  WHERE CAST($10 AS INTEGER) = 4
  GROUP BY converts, journey
), counted AS (
  SELECT CAST(NULL AS TEXT) AS path, previous, state, converts, ends, amount FROM stated
  UNION ALL
  SELECT CAST(NULL AS TEXT), s.size, p.digit, p.converts, TRUE, p.amount
  FROM passed AS p
  JOIN sized AS s ON s.converts = p.converts AND s.journey = p.journey
  UNION ALL
  SELECT path, CASE WHEN amount < 0 THEN 1 ELSE 0 END, 0, converts, TRUE, amount FROM written
)
SELECT path, previous, state, count(*) AS journeys,
       count(*) FILTER (WHERE ends AND converts) AS conversions, count(*) FILTER (WHERE ends AND NOT converts) AS nulls,
       CAST(coalesce(sum(amount) FILTER (WHERE ends AND amount > 0), 0) AS BIGINT) AS gain,
       CAST(coalesce(-sum(amount) FILTER (WHERE ends AND amount < 0), 0) AS BIGINT) AS loss
FROM counted
GROUP BY path, previous, state
