-- Forgets what references in scope led to.
-- $1 tenant
DELETE FROM identity
WHERE tenant_id = $1 AND ref_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'ref')
