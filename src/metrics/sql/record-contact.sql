-- A contact, with its person after stitching. Persons carry the id of their oldest contact.
-- $1 tenant  $2 contact
SELECT c.id, c.source, c.source_id, c.name, c.person_id
FROM contact AS c
WHERE c.tenant_id = $1 AND c.id = $2
