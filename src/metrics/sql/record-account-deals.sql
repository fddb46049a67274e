-- The deals of an account.
-- $1 tenant  $2 account
SELECT d.id, d.source_id, d.name, d.amount_minor, d.currency, d.created_at, d.closed_at, d.won, d.owner_id
FROM deal AS d
WHERE d.tenant_id = $1 AND d.account_id = $2
