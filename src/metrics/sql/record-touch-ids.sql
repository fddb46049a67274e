-- Ids of all touches of a person.
-- $1 tenant  $2 person
SELECT t.id FROM touch AS t WHERE t.tenant_id = $1 AND t.person_id = $2
