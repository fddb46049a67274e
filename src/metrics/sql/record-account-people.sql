-- The buying group of an account: the people of its contacts, under the contact that names them where it is one of the
-- account's, and the people its deals name.
-- $1 tenant  $2 account
SELECT c.person_id, c.source_id, c.name, c.id = c.person_id AS named,
       c.id IN (SELECT id FROM erased WHERE tenant_id = $1) AS erased
FROM contact AS c
WHERE c.tenant_id = $1 AND c.account_id = $2
UNION ALL
SELECT DISTINCT p.person_id, NULL, NULL, FALSE, FALSE
FROM deal_person AS p
WHERE p.tenant_id = $1 AND p.deal_id IN (SELECT id FROM deal WHERE tenant_id = $1 AND account_id = $2)
