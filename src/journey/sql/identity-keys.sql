-- Leads the keys of the contacts in scope to their persons. A key that still belongs to several persons leads nowhere.
-- $1 tenant
INSERT INTO identity
SELECT held.tenant_id, held.key AS ref_id, min(held.person_id) AS person_id
FROM (
  SELECT c.tenant_id, c.person_id, c.email_key AS key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.email_key IS NOT NULL
  UNION ALL
  SELECT c.tenant_id, c.person_id, c.phone_key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.phone_key IS NOT NULL
  UNION ALL
  SELECT c.tenant_id, c.person_id, c.external_key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.external_key IS NOT NULL
) AS held
GROUP BY held.tenant_id, held.key
HAVING min(held.person_id) = max(held.person_id)
