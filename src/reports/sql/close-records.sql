-- Sales, receipts, invoices, refunds and losses of a span of days, and costs of it: what a restatement compares (F144), one row
-- per record and channel it counts at.
-- $1 tenant  $2 $3 days [from, to)  $4 model  $5 records wanted whatever their day, as 'kind:id,...', kind 0 = a cost
-- kind: of the outcome; 0 = a cost. channel: null = without an eligible touch, or of no channel. minor: in the workspace's currency;
-- amount, currency: as the source says.
WITH asked AS (
  SELECT CAST(split_part(x, ':', 1) AS INTEGER) AS kind, CAST(split_part(x, ':', 2) AS BIGINT) AS id
  FROM unnest(string_to_array(CAST($5 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), sale AS (
  SELECT o.kind, o.id, o.day, o.amount_minor,
         coalesce(d.source, p.source, i.source) AS source, coalesce(d.source_id, p.source_id, i.source_id) AS source_id, d.name,
         coalesce(d.amount_minor, p.amount_minor, i.amount_minor) AS amount, coalesce(d.currency, p.currency, i.currency) AS currency
  FROM outcome AS o
  LEFT JOIN deal AS d ON d.tenant_id = o.tenant_id AND d.id = o.id AND o.kind IN (5, 9)
  LEFT JOIN payment AS p ON p.tenant_id = o.tenant_id AND p.id = o.id AND o.kind IN (6, 8)
  LEFT JOIN invoice AS i ON i.tenant_id = o.tenant_id AND i.id = o.id AND o.kind = 7
  WHERE o.tenant_id = $1 AND o.kind >= 5
    AND (o.day >= CAST($2 AS DATE) AND o.day < CAST($3 AS DATE)
         OR EXISTS (SELECT 1 FROM asked AS a WHERE a.kind = o.kind AND a.id = o.id))
)
SELECT s.kind, s.id, s.source, s.source_id, s.name, s.day, s.amount_minor AS minor, s.amount, s.currency, h.key AS channel,
       CAST(coalesce(sum(CASE CAST($4 AS TEXT)
           WHEN 'first' THEN c.m_first
           WHEN 'last' THEN c.m_last
           WHEN 'last_non_direct' THEN c.m_last_non_direct
           WHEN 'linear' THEN c.m_linear
           WHEN 'u_position' THEN c.m_u_position
           WHEN 'j_position' THEN c.m_j_position
           WHEN 'inverse_j_position' THEN c.m_inverse_j_position
           WHEN 'u_milestone' THEN c.m_u_milestone
           WHEN 'u_milestone_50' THEN c.m_u_milestone_50
           WHEN 'w_milestone' THEN c.m_w_milestone
           WHEN 'full_path' THEN c.m_full_path
           WHEN 'time_decay' THEN c.m_time_decay
           WHEN 'custom' THEN c.m_custom
         END), 0) AS BIGINT) AS share
FROM sale AS s
JOIN credit AS c ON c.tenant_id = $1 AND c.kind = s.kind AND c.outcome_id = s.id
LEFT JOIN channel AS h ON h.tenant_id = $1 AND h.id = c.channel_id
GROUP BY s.kind, s.id, s.source, s.source_id, s.name, s.day, s.amount_minor, s.amount, s.currency, h.key
UNION ALL
SELECT 0, c.id, c.source, c.source_id, coalesce(c.vendor, c.category), s.day, CAST(0 AS BIGINT), c.amount_minor, c.currency, s.channel,
       CAST(coalesce(sum(s.minor), 0) AS BIGINT)
FROM spend AS s
JOIN cost AS c ON c.tenant_id = s.tenant_id AND c.id = s.cost_id
WHERE s.tenant_id = $1 AND s.state IN ('actual', 'paid')
  AND (s.day >= CAST($2 AS DATE) AND s.day < CAST($3 AS DATE)
       OR EXISTS (SELECT 1 FROM asked AS a WHERE a.kind = 0 AND a.id = c.id))
GROUP BY c.id, c.source, c.source_id, c.vendor, c.category, s.day, c.amount_minor, c.currency, s.channel
