-- Gives the touches of references in scope their person.
-- $1 tenant
UPDATE touch SET person_id = found.person_id
FROM (
  SELECT t.id, coalesce(i.person_id, t.ref_id) AS person_id
  FROM touch AS t
  LEFT JOIN identity AS i ON i.tenant_id = t.tenant_id AND i.ref_id = t.ref_id
  WHERE t.tenant_id = $1 AND t.person_id <> coalesce(i.person_id, t.ref_id)
    AND t.ref_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'ref')
) AS found
WHERE touch.tenant_id = $1 AND touch.id = found.id
