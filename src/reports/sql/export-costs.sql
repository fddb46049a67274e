-- Every cost row of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, r.date, r.amount_minor AS amount, r.currency, r.category, k.source_id AS campaign_id, r.channel,
       r.state, r.vendor, r.note, r.impressions, r.clicks, r.source
FROM cost AS r
LEFT JOIN source_key AS k ON k.tenant_id = r.tenant_id AND k.kind = 'campaign' AND k.id = r.campaign_id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
