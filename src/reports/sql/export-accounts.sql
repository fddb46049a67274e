-- Every account of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, r.name, r.domain, r.industry, r.region, r.size, r.source
FROM account AS r
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
