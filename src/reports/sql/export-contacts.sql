-- Every contact of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, r.email, r.phone, r.external_id, k.source_id AS account_id, r.name, r.created_at, r.lead_at,
       r.mql_at, r.sql_at, r.lead_source, r.region, r.industry, r.source
FROM contact AS r
LEFT JOIN source_key AS k ON k.tenant_id = r.tenant_id AND k.kind = 'account' AND k.id = r.account_id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
