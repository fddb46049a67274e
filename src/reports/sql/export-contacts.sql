-- Every contact of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant  $2 what stands for the name of a contact that was erased for privacy
SELECT r.source_id, r.email, r.phone, r.external_id, k.source_id AS account_id,
       CASE WHEN e.id IS NOT NULL THEN CAST($2 AS TEXT) ELSE r.name END AS name, r.created_at, r.lead_at,
       r.mql_at, r.sql_at, r.lead_source, r.region, r.industry, r.source
FROM contact AS r
LEFT JOIN source_key AS k ON k.tenant_id = r.tenant_id AND k.kind = 'account' AND k.id = r.account_id
LEFT JOIN erased AS e ON e.tenant_id = r.tenant_id AND e.id = r.id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
