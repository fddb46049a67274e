-- Deals whose journey, milestones or amount may have changed.
-- $1 tenant
INSERT INTO scope
SELECT CAST($1 AS INTEGER), 'deal', found.id FROM (
  SELECT id FROM dirty WHERE tenant_id = $1 AND kind = 'deal'
  UNION
  SELECT p.deal_id FROM scope AS s JOIN deal_person AS p ON p.tenant_id = s.tenant_id AND p.person_id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'person'
  UNION
  SELECT k.deal_id FROM scope AS s JOIN deal_contact AS k ON k.tenant_id = s.tenant_id AND k.ref_id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'ref'
  UNION
  SELECT d.id FROM dirty AS a JOIN deal AS d ON d.tenant_id = a.tenant_id AND d.account_id = a.id
  WHERE a.tenant_id = $1 AND a.kind = 'account'
) AS found
