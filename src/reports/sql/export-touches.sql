-- Every touch of a workspace, as its source gave it, in the columns of the import template.
-- $1 tenant
SELECT r.source_id, CASE WHEN p.kind = 'contact' THEN p.source_id END AS contact_id,
       CASE WHEN p.kind = 'email' THEN p.source_id END AS email, CASE WHEN p.kind = 'phone' THEN p.source_id END AS phone,
       CASE WHEN p.kind = 'external' THEN p.source_id END AS external_id, r.occurred_at, r.sequence, r.channel,
       k.source_id AS campaign_id, r.kind, r.utm_source, r.utm_medium, r.utm_campaign, r.utm_content, r.utm_term,
       r.click_id, r.referrer, r.landing_url, r.creative, h.key AS resolved_channel, r.source
FROM touch AS r
LEFT JOIN source_key AS p ON p.tenant_id = r.tenant_id AND p.id = r.ref_id
LEFT JOIN source_key AS k ON k.tenant_id = r.tenant_id AND k.kind = 'campaign' AND k.id = r.campaign_id
LEFT JOIN channel AS h ON h.tenant_id = r.tenant_id AND h.id = r.channel_id
WHERE r.tenant_id = $1
ORDER BY r.source, r.source_id
