-- Campaigns with what people group them by, those that are only named by other records among them.
-- $1 tenant
SELECT coalesce(c.id, k.id) AS id, coalesce(c.source_id, k.source_id) AS source_id, c.name, c.kind, c.region,
       c.product_line, c.department, c.tier, c.brand, c.paid, c.parent_id
FROM (SELECT id, source_id FROM source_key WHERE tenant_id = $1 AND kind = 'campaign') AS k
FULL OUTER JOIN (SELECT * FROM campaign WHERE tenant_id = $1) AS c ON c.id = k.id
