-- Every invoice of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, k.source_id AS deal_id, r.amount_minor AS amount, r.currency, r.issued_at, r.source
FROM invoice AS r
LEFT JOIN source_key AS k ON k.tenant_id = r.tenant_id AND k.kind = 'deal' AND k.id = r.deal_id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
