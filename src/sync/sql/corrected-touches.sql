-- When touches happened and what they were.
-- $1 tenant  $2 ids, as '12,34'
SELECT id, occurred_at, kind FROM touch
WHERE tenant_id = $1
  AND id IN (SELECT CAST(x AS BIGINT) FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x) WHERE x <> '')
