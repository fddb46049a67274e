-- A file of touches: journey_id, seq, ts, channel, converted_at, value.
-- The text is read three times and never stored: a narrow table of steps is all that ten million touches keep.
-- Variables: direct (list of channel names in lower case)

-- Microseconds since 1970 UTC of epoch seconds or ISO 8601; without a zone it is UTC. The reader of timestamps wants
-- seconds before a zone, so they are put in where they are missing.
CREATE TEMP MACRO instant(written) AS coalesce(
  try_cast(try_cast(written AS DOUBLE) * 1000000 AS BIGINT),
  epoch_us(try_cast(written AS TIMESTAMPTZ)),
  epoch_us(try_cast(regexp_replace(written, '([T ]\d\d:\d\d)(Z|[+-]\d\d(?::?\d\d)?)$', '\1:00\2') AS TIMESTAMPTZ)));

-- problem: 1 no journey_id, 2 ts, 3 converted_at, 4 value, 5 seq. Years 1 to 9999, so milliseconds taken for seconds
-- fall out; values to 9 * 10^15, so that sums of their shares stay whole.
CREATE TEMP VIEW touch AS
SELECT *,
       is_touch AND (converted IS NULL OR moment <= converted) AS counts,
       CASE WHEN journey_id IS NULL THEN 1
            WHEN is_touch AND coalesce(moment NOT BETWEEN -62135596800000000 AND 253402300799999999, true) THEN 2
            WHEN converted_at IS NOT NULL
             AND coalesce(converted NOT BETWEEN -62135596800000000 AND 253402300799999999, true) THEN 3
            WHEN value IS NOT NULL AND coalesce(abs(amount) > 9000000000000000, true) THEN 4
            WHEN seq IS NOT NULL AND (ordinal IS NULL OR contains(seq, '.')) THEN 5 END AS problem
FROM (SELECT journey_id, seq, ts, converted_at, value,
             channel IS NULL AND ts IS NOT NULL AS is_unnamed,
             channel IS NOT NULL OR ts IS NOT NULL AS is_touch,
             coalesce(channel, '(none)') AS channel,
             instant(ts) AS moment,
             instant(converted_at) AS converted,
             try_cast(seq AS BIGINT) AS ordinal,
             -- The narrow decimal reads four times faster; amounts above 10^12 take the wide one.
             coalesce(try_cast(value AS DECIMAL(18, 6)), try_cast(value AS DECIMAL(38, 6))) AS amount
      FROM raw);

-- Numbers in the order of the names' UTF-8 bytes: ties may be broken by number.
CREATE TEMP TABLE channel AS
SELECT name, CAST(row_number() OVER (ORDER BY name) - 1 AS INTEGER) AS code,
       list_contains(getvariable('direct'), lower(name)) AS is_direct
FROM (SELECT DISTINCT channel AS name FROM touch WHERE is_touch);

-- One row per journey; its rowid is the journey's number. units: value in millionths, 0 when it did not convert.
CREATE TEMP TABLE journey AS
SELECT journey_id,
       max(problem) AS problem,
       count(converted_at) NOT IN (0, count(*)) OR min(converted) <> max(converted)
         OR count(converted_at) > 0 AND (count(value) NOT IN (0, count(*)) OR min(amount) <> max(amount)) AS torn,
       count(*) FILTER (WHERE is_touch) AS touches,
       count(*) FILTER (WHERE is_unnamed) AS unnamed,
       count(*) FILTER (WHERE counts) AS n,
       max(moment) FILTER (WHERE counts) AS newest,
       CAST(count(converted_at) > 0 AS BIGINT) AS conversions,
       CAST(count(converted_at) = 0 AS BIGINT) AS nulls,
       CASE WHEN count(converted_at) > 0 THEN CAST(coalesce(max(amount), 0) * 1000000 AS HUGEINT) ELSE 0 END AS units
FROM touch
GROUP BY journey_id;

CREATE TEMP TABLE step AS
SELECT CAST(journey.rowid AS INTEGER) AS journey, touch.moment, touch.ordinal, channel.code AS channel
FROM touch
JOIN journey ON journey.journey_id = touch.journey_id
JOIN channel ON channel.name = touch.channel
WHERE touch.counts;
