-- The other deals of the customers in scope: which won deal was a customer's first may have changed.
-- $1 tenant
INSERT INTO scope
SELECT CAST($1 AS INTEGER), 'deal', found.id FROM (
  SELECT d.id FROM scope AS s
  JOIN deal AS mine ON mine.tenant_id = s.tenant_id AND mine.id = s.id
  JOIN deal AS d ON d.tenant_id = mine.tenant_id AND d.account_id = mine.account_id AND d.won
  WHERE s.tenant_id = $1 AND s.kind = 'deal'
  UNION
  SELECT o.owner_id FROM scope AS s
  JOIN outcome AS mine ON mine.tenant_id = s.tenant_id AND mine.kind = 5 AND mine.owner_id = s.id
  JOIN outcome AS o ON o.tenant_id = mine.tenant_id AND o.kind = 5 AND o.customer_id = mine.customer_id
  WHERE s.tenant_id = $1 AND s.kind = 'deal'
  UNION
  SELECT p.deal_id FROM scope AS s
  JOIN deal_person AS mine ON mine.tenant_id = s.tenant_id AND mine.deal_id = s.id
  JOIN deal_person AS p ON p.tenant_id = mine.tenant_id AND p.person_id = mine.person_id
  WHERE s.tenant_id = $1 AND s.kind = 'deal'
) AS found
WHERE found.id NOT IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
