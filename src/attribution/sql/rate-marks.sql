-- Marks what is worth something else since rates changed: costs, and deals with money of their own, of a payment or of an
-- invoice that is dated by the change or later.
-- $1 tenant  $2 currencies with the first day of their change, as 'USD 2026-01-31,EUR 2026-02-01'
INSERT INTO dirty
WITH changed AS (
  SELECT split_part(x, ' ', 1) AS currency, CAST(split_part(x, ' ', 2) AS DATE) AS day
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
), touched AS (
  SELECT d.id, f.day
  FROM deal AS d JOIN changed AS f ON f.currency = d.currency
  WHERE d.tenant_id = $1
  UNION ALL
  SELECT p.deal_id, f.day
  FROM payment AS p JOIN changed AS f ON f.currency = p.currency
  WHERE p.tenant_id = $1
  UNION ALL
  SELECT i.deal_id, f.day
  FROM invoice AS i JOIN changed AS f ON f.currency = i.currency
  WHERE i.tenant_id = $1
), since AS (
  SELECT id, min(day) AS day FROM touched GROUP BY id
)
SELECT CAST($1 AS INTEGER), 'deal', o.owner_id
FROM outcome AS o
JOIN since AS s ON s.id = o.owner_id
WHERE o.tenant_id = $1 AND o.kind >= 4
GROUP BY o.owner_id
HAVING max(o.day) >= min(s.day)
UNION ALL
SELECT CAST($1 AS INTEGER), 'cost', c.id
FROM cost AS c JOIN changed AS f ON f.currency = c.currency
WHERE c.tenant_id = $1 AND c.date >= f.day
