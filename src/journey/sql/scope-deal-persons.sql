-- Persons of the deals in scope, as they are linked at this moment. Run before and after the links of those deals change, where
-- a person's stage depends on his deals.
-- $1 tenant
INSERT INTO scope
SELECT DISTINCT CAST($1 AS INTEGER), 'person', p.person_id
FROM deal_person AS p
WHERE p.tenant_id = $1 AND p.deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
  AND p.person_id NOT IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'person')
