-- A contact, with its person after stitching. Persons carry the id of their oldest contact. erased: only a stand-in is left.
-- $1 tenant  $2 contact
SELECT c.id, c.source, c.source_id, c.name, c.person_id,
       c.id IN (SELECT id FROM erased WHERE tenant_id = $1) AS erased
FROM contact AS c
WHERE c.tenant_id = $1 AND c.id = $2
