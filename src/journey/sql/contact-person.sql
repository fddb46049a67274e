-- Gives the contacts in scope their person: the one they were merged into, else themselves.
-- $1 tenant
UPDATE contact SET person_id = found.person_id
FROM (
  SELECT c.id, coalesce(i.person_id, c.id) AS person_id
  FROM scope AS s
  JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  LEFT JOIN identity AS i ON i.tenant_id = c.tenant_id AND i.ref_id = c.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.person_id <> coalesce(i.person_id, c.id)
) AS found
WHERE contact.tenant_id = $1 AND contact.id = found.id
