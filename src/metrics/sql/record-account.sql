-- An account.
-- $1 tenant  $2 account
SELECT a.id, a.source, a.source_id, a.name
FROM account AS a
WHERE a.tenant_id = $1 AND a.id = $2
