-- Erased contacts that were one person with merged contacts are it with the winners.
-- scope holds the losers as kind merged.
-- $1 tenant
INSERT INTO erased_link
SELECT DISTINCT l.tenant_id, l.contact_id, a.into_id
FROM scope AS s
JOIN alias AS a ON a.tenant_id = s.tenant_id AND a.from_id = s.id
JOIN erased_link AS l ON l.tenant_id = s.tenant_id AND l.other_id = s.id
WHERE s.tenant_id = $1 AND s.kind = 'merged' AND l.contact_id <> a.into_id
  AND NOT EXISTS (SELECT 1 FROM erased_link AS k
                  WHERE k.tenant_id = l.tenant_id AND k.contact_id = l.contact_id AND k.other_id = a.into_id)
