-- Contacts that share a key or a person with a contact in scope, or are linked with it since one was erased, and are not in
-- it yet. Run until it adds none.
-- $1 tenant
INSERT INTO scope
WITH inside AS (
  SELECT c.id, c.person_id, c.email_key, c.phone_key, c.external_key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact'
), near AS (
  SELECT c.id FROM inside AS i JOIN contact AS c ON c.tenant_id = $1 AND c.person_id = i.person_id
  UNION
  SELECT c.id FROM inside AS i JOIN contact AS c ON c.tenant_id = $1 AND c.email_key = i.email_key
  UNION
  SELECT c.id FROM inside AS i JOIN contact AS c ON c.tenant_id = $1 AND c.phone_key = i.phone_key
  UNION
  SELECT c.id FROM inside AS i JOIN contact AS c ON c.tenant_id = $1 AND c.external_key = i.external_key
  UNION
  SELECT c.id FROM inside AS i JOIN erased_link AS l ON l.tenant_id = $1 AND l.contact_id = i.id
  JOIN contact AS c ON c.tenant_id = $1 AND c.id = l.other_id
  UNION
  SELECT c.id FROM inside AS i JOIN erased_link AS l ON l.tenant_id = $1 AND l.other_id = i.id
  JOIN contact AS c ON c.tenant_id = $1 AND c.id = l.contact_id
)
SELECT CAST($1 AS INTEGER), 'contact', near.id FROM near
WHERE near.id NOT IN (SELECT inside.id FROM inside)
