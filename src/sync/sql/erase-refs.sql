-- Touches that name a contact about to be erased by an address of its own name the contact: the address goes.
-- scope holds the contacts as kind erased, their own keys as kind own.
-- $1 tenant
UPDATE touch SET ref_id = found.id
FROM (
  SELECT held.key, min(held.id) AS id
  FROM (
    SELECT c.id, c.email_key AS key FROM contact AS c
    WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
    UNION ALL
    SELECT c.id, c.phone_key FROM contact AS c
    WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
    UNION ALL
    SELECT c.id, c.external_key FROM contact AS c
    WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
  ) AS held
  WHERE held.key IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'own')
  GROUP BY held.key
) AS found
WHERE touch.tenant_id = $1 AND touch.ref_id = found.key
