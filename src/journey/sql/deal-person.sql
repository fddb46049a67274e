-- Whose touches make the journeys of the deals in scope: the contacts the deal names, as persons; where it names
-- nobody, all contacts of its account stand in, flagged.
-- $1 tenant
INSERT INTO deal_person
WITH named AS (
  SELECT k.tenant_id, k.deal_id, k.ref_id
  FROM deal_contact AS k
  WHERE k.tenant_id = $1 AND k.deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
), silent AS (
  SELECT d.tenant_id, d.id, d.account_id
  FROM deal AS d
  WHERE d.tenant_id = $1 AND d.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
    AND d.account_id IS NOT NULL AND d.id NOT IN (SELECT deal_id FROM named)
), known AS (
  SELECT c.tenant_id, c.id, c.person_id
  FROM contact AS c
  WHERE c.tenant_id = $1 AND c.id IN (SELECT ref_id FROM named)
)
SELECT DISTINCT n.tenant_id, n.deal_id, coalesce(k.person_id, n.ref_id) AS person_id, FALSE AS fallback
FROM named AS n
LEFT JOIN known AS k ON k.tenant_id = n.tenant_id AND k.id = n.ref_id
UNION ALL
SELECT DISTINCT s.tenant_id, s.id, c.person_id, TRUE
FROM silent AS s
JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.account_id = s.account_id
