-- A deal with its win in the ledger: what its touches are judged by. No row where it is not won.
-- $1 tenant  $2 id in its source  $3 source; null = any
-- amount_minor: in the workspace's currency; original_minor: as the source says it.
SELECT d.id, d.source, d.source_id, d.name, d.amount_minor AS original_minor, d.currency, o.amount_minor, o.fx_missing, o.day,
       o.path_start, o.path_end, o.lead_at, o.opened_at, fx.rate
FROM deal AS d
JOIN outcome AS o ON o.tenant_id = $1 AND o.kind = 5 AND o.id = d.id
LEFT JOIN fx ON fx.tenant_id = $1 AND fx.currency = d.currency AND o.day >= fx.day_from AND o.day < fx.day_to
WHERE d.tenant_id = $1 AND d.source_id = CAST($2 AS TEXT) AND (CAST($3 AS TEXT) IS NULL OR d.source = CAST($3 AS TEXT))
ORDER BY d.source
