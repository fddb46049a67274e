-- The other won deals of the customers that deals in scope have or had: which of them was the first may have changed.
-- Their outcomes still name their customers, because they did not change themselves. A customer is an account, else a
-- person; taking every person of a deal instead of its oldest may add a customer in full, which costs time, not truth.
-- $1 tenant
INSERT INTO scope
WITH mine AS (
  SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal'
), customer AS (
  SELECT o.customer_id AS id FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.kind = 5 AND o.owner_id IN (SELECT id FROM mine)
  UNION
  SELECT d.account_id FROM deal AS d
  WHERE d.tenant_id = $1 AND d.account_id IS NOT NULL AND d.id IN (SELECT id FROM mine)
  UNION
  SELECT p.person_id FROM deal_person AS p
  WHERE p.tenant_id = $1 AND p.deal_id IN (SELECT id FROM mine)
)
SELECT DISTINCT CAST($1 AS INTEGER), 'deal', o.owner_id
FROM outcome AS o
WHERE o.tenant_id = $1 AND o.kind = 5 AND o.customer_id IN (SELECT id FROM customer)
  AND o.owner_id NOT IN (SELECT id FROM mine)
