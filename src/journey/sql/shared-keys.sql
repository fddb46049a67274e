-- Keys that several contacts in scope share, with those contacts, oldest first. A key shared by more than $2 contacts
-- is a switchboard or a placeholder, not a person, and merges nobody.
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
)
SELECT h.key, h.id, h.created_at, h.source, h.source_id
FROM held AS h JOIN shared AS s ON s.key = h.key
ORDER BY h.created_at, h.source, h.source_id, h.key
