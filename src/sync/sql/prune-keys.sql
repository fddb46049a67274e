-- Forgets the names of references that no record makes any more.
-- $1 tenant
DELETE FROM source_key AS k
WHERE k.tenant_id = $1 AND NOT EXISTS (
  SELECT 1 FROM (
    SELECT parent_id AS id FROM campaign WHERE tenant_id = $1
    UNION ALL SELECT parent_id FROM campaign_fix WHERE tenant_id = $1
    UNION ALL SELECT own_parent_id FROM campaign_fix WHERE tenant_id = $1
    UNION ALL SELECT campaign_id FROM cost WHERE tenant_id = $1
    UNION ALL SELECT id FROM contact WHERE tenant_id = $1
    UNION ALL SELECT email_key FROM contact WHERE tenant_id = $1
    UNION ALL SELECT phone_key FROM contact WHERE tenant_id = $1
    UNION ALL SELECT external_key FROM contact WHERE tenant_id = $1
    UNION ALL SELECT account_id FROM contact WHERE tenant_id = $1
    UNION ALL SELECT ref_id FROM touch WHERE tenant_id = $1
    UNION ALL SELECT campaign_id FROM touch WHERE tenant_id = $1
    UNION ALL SELECT campaign_id FROM touch_fix WHERE tenant_id = $1
    UNION ALL SELECT account_id FROM deal WHERE tenant_id = $1
    UNION ALL SELECT ref_id FROM deal_contact WHERE tenant_id = $1
    UNION ALL SELECT deal_id FROM stage_change WHERE tenant_id = $1
    UNION ALL SELECT deal_id FROM payment WHERE tenant_id = $1
    UNION ALL SELECT deal_id FROM invoice WHERE tenant_id = $1
    UNION ALL SELECT deal_id FROM amount_change WHERE tenant_id = $1
    UNION ALL SELECT owner_id FROM deal WHERE tenant_id = $1
    UNION ALL SELECT contact_id FROM lead WHERE tenant_id = $1
    UNION ALL SELECT account_id FROM lead WHERE tenant_id = $1
    UNION ALL SELECT owner_id FROM lead WHERE tenant_id = $1
  ) AS used
  WHERE used.id = k.id
)
