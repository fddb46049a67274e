-- Rows in the store by source and type of record, without those that stand in for erased contacts.
-- $1 tenant
SELECT source, 'campaign' AS type, count(*) AS n FROM campaign WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'cost' AS type, count(*) AS n FROM cost WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'contact' AS type, count(*) AS n FROM contact WHERE tenant_id = $1
  AND id NOT IN (SELECT id FROM erased WHERE tenant_id = $1) GROUP BY source
UNION ALL
SELECT source, 'account' AS type, count(*) AS n FROM account WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'touch' AS type, count(*) AS n FROM touch WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'deal' AS type, count(*) AS n FROM deal WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'stage_change' AS type, count(*) AS n FROM stage_change WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'payment' AS type, count(*) AS n FROM payment WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'amount_change' AS type, count(*) AS n FROM amount_change WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'lead' AS type, count(*) AS n FROM lead WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'owner' AS type, count(*) AS n FROM owner WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'stage' AS type, count(*) AS n FROM stage WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'rate' AS type, count(*) AS n FROM rate WHERE tenant_id = $1 GROUP BY source
UNION ALL
SELECT source, 'invoice' AS type, count(*) AS n FROM invoice WHERE tenant_id = $1 GROUP BY source
