-- The record that one was merged into.
-- $1 tenant  $2 record
SELECT a.into_id FROM alias AS a WHERE a.tenant_id = $1 AND a.from_id = $2
