-- References whose person may change: the changed ones, and ids and keys of the contacts in scope.
-- $1 tenant
INSERT INTO scope
WITH inside AS (
  SELECT c.id, c.email_key, c.phone_key, c.external_key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact'
)
SELECT CAST($1 AS INTEGER), 'ref', refs.id FROM (
  SELECT id FROM dirty WHERE tenant_id = $1 AND kind = 'ref'
  UNION SELECT id FROM inside
  UNION SELECT email_key FROM inside WHERE email_key IS NOT NULL
  UNION SELECT phone_key FROM inside WHERE phone_key IS NOT NULL
  UNION SELECT external_key FROM inside WHERE external_key IS NOT NULL
) AS refs
