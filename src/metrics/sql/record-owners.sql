-- Who owns records of a source.
-- $1 tenant  $2 source
SELECT o.id, o.email, o.attributes FROM owner AS o WHERE o.tenant_id = $1 AND o.source = $2
