-- When the persons in scope became MQL and SQL under the workspace's rule (F83): by the earliest of the ways it allows. A person
-- who was an SQL first was an MQL by then.
-- $1 tenant
-- $2 $6 whether the source's date counts, of MQL and of SQL  $3 $7 kinds whose first touch counts, with U+001F between them
-- $4 $8 how many touches count, 0 = never  $5 $9 whether the creation of the person's first deal counts
INSERT INTO person_stage
WITH person AS (
  SELECT c.person_id, min(c.mql_at) AS mql_at, min(c.sql_at) AS sql_at
  FROM contact AS c
  WHERE c.tenant_id = $1 AND c.person_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'person')
  GROUP BY c.person_id
), mql_kind AS (
  SELECT x AS kind FROM unnest(string_to_array(CAST($3 AS TEXT), chr(31))) AS u(x) WHERE x <> ''
), sql_kind AS (
  SELECT x AS kind FROM unnest(string_to_array(CAST($7 AS TEXT), chr(31))) AS u(x) WHERE x <> ''
), touched AS (
  SELECT t.person_id, t.occurred_at, t.kind IN (SELECT kind FROM mql_kind) AS is_mql,
         t.kind IN (SELECT kind FROM sql_kind) AS is_sql,
         row_number() OVER (PARTITION BY t.person_id ORDER BY t.occurred_at) AS n
  FROM touch AS t
  WHERE t.tenant_id = $1 AND t.person_id IN (SELECT person_id FROM person)
    AND t.id NOT IN (SELECT touch_id FROM touch_fix WHERE tenant_id = $1 AND left_out)
), opened AS (
  SELECT p.person_id, min(d.created_at) AS created_at
  FROM deal_person AS p
  JOIN deal AS d ON d.tenant_id = p.tenant_id AND d.id = p.deal_id
  WHERE p.tenant_id = $1 AND NOT p.fallback AND p.person_id IN (SELECT person_id FROM person)
  GROUP BY p.person_id
), way AS (
  SELECT person_id, 'mql' AS stage, mql_at AS reached_at FROM person WHERE CAST($2 AS BOOLEAN)
  UNION ALL
  SELECT person_id, 'sql', sql_at FROM person WHERE CAST($6 AS BOOLEAN)
  UNION ALL
  SELECT person_id, 'mql', occurred_at FROM touched WHERE is_mql OR n = CAST($4 AS INTEGER)
  UNION ALL
  SELECT person_id, 'sql', occurred_at FROM touched WHERE is_sql OR n = CAST($8 AS INTEGER)
  UNION ALL
  SELECT person_id, 'mql', created_at FROM opened WHERE CAST($5 AS BOOLEAN)
  UNION ALL
  SELECT person_id, 'sql', created_at FROM opened WHERE CAST($9 AS BOOLEAN)
), reached AS (
  SELECT person_id, min(reached_at) FILTER (WHERE stage = 'mql') AS mql_at,
         min(reached_at) FILTER (WHERE stage = 'sql') AS sql_at
  FROM way
  GROUP BY person_id
)
SELECT CAST($1 AS INTEGER), p.person_id,
       CASE WHEN r.mql_at IS NULL OR r.sql_at < r.mql_at THEN r.sql_at ELSE r.mql_at END AS mql_at, r.sql_at
FROM person AS p
LEFT JOIN reached AS r ON r.person_id = p.person_id
