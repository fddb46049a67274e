-- The deals whose journey a person is part of.
-- $1 tenant  $2 person
SELECT p.deal_id AS id FROM deal_person AS p WHERE p.tenant_id = $1 AND p.person_id = $2
