-- Every rate of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, r.date, r.currency_from AS "from", r.currency_to AS "to", r.factor AS rate, r.source
FROM rate AS r
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
