-- Forgets the texts of addresses that only erased contacts had.
-- scope holds the keys as kind unnamed.
-- $1 tenant
DELETE FROM source_key
WHERE tenant_id = $1 AND kind IN ('email', 'phone', 'external')
  AND id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'unnamed')
