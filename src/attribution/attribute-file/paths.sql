-- A file of paths: path (channels joined by " > "), total_conversions, total_conversion_value, total_null.
-- Variables: direct (list of channel names in lower case)

-- One row per line of the file; its rowid is the line's number. units: value in 10^-12, read off the decimal's digits.
-- problem: 1 total_conversions, 2 total_null, 3 total_conversion_value, 4 value without a conversion.
CREATE TEMP TABLE journey AS
SELECT *,
       CASE WHEN coalesce(converted < 0 OR converted <> floor(converted), true) THEN 1
            WHEN coalesce(lost < 0 OR lost <> floor(lost), true) THEN 2
            WHEN total_conversion_value IS NOT NULL AND coalesce(abs(amount) > 9000000000000000, true) THEN 3
            WHEN converted = 0 AND amount <> 0 THEN 4 END AS problem,
       false AS torn,
       len(names) AS touches,
       len(list_filter(names, lambda name: name = '')) AS unnamed,
       len(names) AS n,
       CAST(NULL AS BIGINT) AS newest,
       CAST(coalesce(converted, 0) AS BIGINT) AS conversions,
       CAST(coalesce(lost, 0) AS BIGINT) AS nulls,
       CAST(replace(CAST(coalesce(amount, 0) AS VARCHAR), '.', '') AS HUGEINT) AS units
FROM (SELECT *,
             CASE WHEN path IS NULL THEN [] ELSE string_split(path, ' > ') END AS names,
             try_cast(total_conversions AS DECIMAL(18, 3)) AS converted,
             try_cast(total_null AS DECIMAL(18, 3)) AS lost,
             try_cast(total_conversion_value AS DECIMAL(38, 12)) AS amount
      FROM raw);

-- Numbers in the order of the names' UTF-8 bytes, as in journeys.sql.
CREATE TEMP TABLE channel AS
SELECT name, CAST(row_number() OVER (ORDER BY name) - 1 AS INTEGER) AS code,
       list_contains(getvariable('direct'), lower(name)) AS is_direct
FROM (SELECT DISTINCT coalesce(nullif(unnest(names), ''), '(none)') AS name FROM journey);

CREATE TEMP TABLE step AS
SELECT CAST(placed.journey AS INTEGER) AS journey, CAST(NULL AS BIGINT) AS moment, placed.ordinal, channel.code AS channel
FROM (SELECT rowid AS journey, unnest(names) AS name, unnest(range(1, len(names) + 1)) AS ordinal FROM journey) AS placed
JOIN channel ON channel.name = coalesce(nullif(placed.name, ''), '(none)');
