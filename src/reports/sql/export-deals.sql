-- Every deal of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, r.name, k.source_id AS account_id, r.contact_refs AS contact_ids, r.amount_minor AS amount, r.currency,
       r.stage, r.created_at, r.closed_at, r.won, r.layer, r.product_line, r.region, r.department,
       r.product_cost_minor AS product_cost, r.source
FROM deal AS r
LEFT JOIN source_key AS k ON k.tenant_id = r.tenant_id AND k.kind = 'account' AND k.id = r.account_id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
