-- The contact records that are one person after stitching, the oldest first.
-- $1 tenant  $2 person
SELECT c.id, c.source_id, c.name
FROM contact AS c
WHERE c.tenant_id = $1 AND c.person_id = $2
ORDER BY c.created_at, c.source COLLATE "C", c.source_id
