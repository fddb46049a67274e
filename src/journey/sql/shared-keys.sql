-- Keys that several contacts in scope share, with those contacts, oldest first. A key shared by more than $2 contacts
-- is a switchboard or a placeholder, not a person, and merges nobody. An erased contact and who it was one person with
-- share the id of the other, however many they are.
-- $1 tenant  $2 most contacts a key may merge
WITH held AS (
  SELECT c.id, c.created_at, c.source, c.source_id, c.email_key AS key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.email_key IS NOT NULL
  UNION ALL
  SELECT c.id, c.created_at, c.source, c.source_id, c.phone_key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.phone_key IS NOT NULL
  UNION ALL
  SELECT c.id, c.created_at, c.source, c.source_id, c.external_key
  FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact' AND c.external_key IS NOT NULL
), shared AS (
  SELECT key FROM held GROUP BY key HAVING count(*) BETWEEN 2 AND CAST($2 AS BIGINT)
), linked AS (
  SELECT l.contact_id, l.other_id
  FROM scope AS s
  JOIN erased_link AS l ON l.tenant_id = s.tenant_id AND l.contact_id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact'
), joined AS (
  SELECT h.key, h.id, h.created_at, h.source, h.source_id
  FROM held AS h JOIN shared AS s ON s.key = h.key
  UNION ALL
  SELECT o.id, c.id, c.created_at, c.source, c.source_id
  FROM linked AS l
  JOIN contact AS o ON o.tenant_id = $1 AND o.id = l.other_id
  JOIN contact AS c ON c.tenant_id = $1 AND c.id = l.contact_id
  UNION ALL
  SELECT o.id, o.id, o.created_at, o.source, o.source_id
  FROM linked AS l
  JOIN contact AS o ON o.tenant_id = $1 AND o.id = l.other_id
)
SELECT key, id, created_at, source, source_id
FROM joined
ORDER BY created_at, source, source_id, key
