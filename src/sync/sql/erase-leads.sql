-- Takes from the leads of erased contacts what tells who they were.
-- scope holds the contacts as kind erased.
-- $1 tenant
UPDATE lead SET name = NULL, attributes = NULL
WHERE tenant_id = $1 AND contact_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
