-- Who contacts about to be erased are one person with, by the keys they share: kept by ids, because the keys go.
-- scope holds the contacts as kind erased, and keys that merge nobody as kind crowd.
-- $1 tenant
INSERT INTO erased_link
WITH gone AS (
  SELECT c.id, c.email_key, c.phone_key, c.external_key
  FROM contact AS c
  WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
), near AS (
  SELECT g.id, c.id AS other_id FROM gone AS g
  JOIN contact AS c ON c.tenant_id = $1 AND c.email_key = g.email_key
  WHERE g.email_key NOT IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'crowd')
  UNION
  SELECT g.id, c.id FROM gone AS g JOIN contact AS c ON c.tenant_id = $1 AND c.phone_key = g.phone_key
  WHERE g.phone_key NOT IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'crowd')
  UNION
  SELECT g.id, c.id FROM gone AS g JOIN contact AS c ON c.tenant_id = $1 AND c.external_key = g.external_key
  WHERE g.external_key NOT IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'crowd')
)
SELECT CAST($1 AS INTEGER), near.id, near.other_id
FROM near
WHERE near.id <> near.other_id
  AND NOT EXISTS (SELECT 1 FROM erased_link AS l
                  WHERE l.tenant_id = $1 AND l.contact_id = near.id AND l.other_id = near.other_id)
