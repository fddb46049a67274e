-- Every id that means one of some contacts: the one it was merged into, and all that were merged into that.
-- $1 tenant  $2 ids with commas between
WITH meant AS (
  SELECT coalesce(a.into_id, asked.id) AS id
  FROM (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT) AS id) AS asked
  LEFT JOIN alias AS a ON a.tenant_id = $1 AND a.from_id = asked.id
)
SELECT id FROM meant
UNION
SELECT a.from_id FROM meant JOIN alias AS a ON a.tenant_id = $1 AND a.into_id = meant.id
