-- Every source that knows a record by an id, also one whose connection is gone. Scans: asked only when the sources in
-- use do not have it.
-- $1 tenant  $2 id in its source  $3 deal | contact | account | campaign
SELECT source FROM deal WHERE CAST($3 AS TEXT) = 'deal' AND tenant_id = $1 AND source_id = $2
UNION
SELECT source FROM contact WHERE CAST($3 AS TEXT) = 'contact' AND tenant_id = $1 AND source_id = $2
UNION
SELECT source FROM account WHERE CAST($3 AS TEXT) = 'account' AND tenant_id = $1 AND source_id = $2
UNION
SELECT source FROM campaign WHERE CAST($3 AS TEXT) = 'campaign' AND tenant_id = $1 AND source_id = $2
UNION
SELECT source FROM source_key WHERE tenant_id = $1 AND kind = CAST($3 AS TEXT) AND source_id = $2
