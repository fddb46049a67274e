-- Whose touches make the journeys of the deals in scope: the contacts the deal names, as persons; where it names
-- nobody, all contacts of its account stand in, flagged.
-- $1 tenant
INSERT INTO deal_person
SELECT DISTINCT k.tenant_id, k.deal_id, coalesce(c.person_id, k.ref_id) AS person_id, FALSE AS fallback
FROM scope AS s
JOIN deal_contact AS k ON k.tenant_id = s.tenant_id AND k.deal_id = s.id
LEFT JOIN contact AS c ON c.tenant_id = k.tenant_id AND c.id = k.ref_id
WHERE s.tenant_id = $1 AND s.kind = 'deal'
UNION ALL
SELECT DISTINCT d.tenant_id, d.id, c.person_id, TRUE
FROM scope AS s
JOIN deal AS d ON d.tenant_id = s.tenant_id AND d.id = s.id
JOIN contact AS c ON c.tenant_id = d.tenant_id AND c.account_id = d.account_id
WHERE s.tenant_id = $1 AND s.kind = 'deal'
  AND NOT EXISTS (SELECT 1 FROM deal_contact AS k WHERE k.tenant_id = d.tenant_id AND k.deal_id = d.id)
