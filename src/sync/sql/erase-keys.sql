-- What becomes of the keys of contacts about to be erased, as kinds of scope. own: nobody else has it, what names it names
-- the contact from now on. unnamed: no contact that is left has it, so its text goes. crowd: more contacts than a key may
-- merge have it, it never said who they were; it stays, or it would be few enough to merge all the others.
-- scope holds the contacts as kind erased.
-- $1 tenant  $2 most contacts a key may merge
INSERT INTO scope
WITH gone AS (
  SELECT c.id, c.email_key, c.phone_key, c.external_key
  FROM contact AS c
  WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
), lost AS (
  SELECT email_key AS key FROM gone WHERE email_key IS NOT NULL
  UNION SELECT phone_key FROM gone WHERE phone_key IS NOT NULL
  UNION SELECT external_key FROM gone WHERE external_key IS NOT NULL
), held AS (
  SELECT c.id, c.email_key AS key FROM contact AS c
  WHERE c.tenant_id = $1 AND c.email_key IN (SELECT key FROM lost)
  UNION ALL
  SELECT c.id, c.phone_key FROM contact AS c WHERE c.tenant_id = $1 AND c.phone_key IN (SELECT key FROM lost)
  UNION ALL
  SELECT c.id, c.external_key FROM contact AS c WHERE c.tenant_id = $1 AND c.external_key IN (SELECT key FROM lost)
), spread AS (
  SELECT h.key, count(*) AS holders, count(*) FILTER (WHERE g.id IS NULL) AS others,
         count(*) FILTER (WHERE g.id IS NULL AND e.id IS NULL) AS left_over
  FROM held AS h
  LEFT JOIN gone AS g ON g.id = h.id
  LEFT JOIN erased AS e ON e.tenant_id = $1 AND e.id = h.id
  GROUP BY h.key
)
SELECT CAST($1 AS INTEGER), 'own', key FROM spread WHERE others = 0 AND holders <= CAST($2 AS BIGINT)
UNION ALL
SELECT CAST($1 AS INTEGER), 'unnamed', key FROM spread WHERE left_over = 0
UNION ALL
SELECT CAST($1 AS INTEGER), 'crowd', key FROM spread WHERE holders > CAST($2 AS BIGINT)
