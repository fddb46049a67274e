-- Gives every touch its person. The same as touch-person.sql without a scope.
-- $1 tenant
UPDATE touch SET person_id = found.person_id
FROM (
  SELECT t.id, coalesce(i.person_id, t.ref_id) AS person_id
  FROM touch AS t
  LEFT JOIN identity AS i ON i.tenant_id = t.tenant_id AND i.ref_id = t.ref_id
  WHERE t.tenant_id = $1 AND t.person_id <> coalesce(i.person_id, t.ref_id)
) AS found
WHERE touch.tenant_id = $1 AND touch.id = found.id
