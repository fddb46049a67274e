-- How many records each check of data quality looks at (M38): what quality.sql may find at most.
-- $1 tenant
SELECT 'open_deal_without_amount' AS code, count(*) AS n FROM deal WHERE tenant_id = $1 AND won IS NULL
UNION ALL SELECT 'deal_without_created_at', count(*) FROM deal WHERE tenant_id = $1
UNION ALL SELECT 'deal_without_account', count(*) FROM deal WHERE tenant_id = $1
UNION ALL SELECT 'contact_without_address', count(*) FROM contact WHERE tenant_id = $1
UNION ALL SELECT 'touch_without_source', count(*) FROM touch WHERE tenant_id = $1
UNION ALL SELECT 'fx_missing_deals', count(*) FROM outcome WHERE tenant_id = $1 AND kind = 5
UNION ALL SELECT 'fx_missing_payments', count(*) FROM outcome WHERE tenant_id = $1 AND kind IN (6, 7)
UNION ALL SELECT 'fx_missing_costs', count(DISTINCT cost_id) FROM spend WHERE tenant_id = $1 AND state IN ('actual', 'paid')
UNION ALL SELECT 'closed_before_created', count(*) FROM deal
  WHERE tenant_id = $1 AND closed_at IS NOT NULL AND created_at IS NOT NULL
UNION ALL SELECT 'won_in_future', count(*) FROM deal WHERE tenant_id = $1 AND won
UNION ALL SELECT 'won_before_lead', count(*) FROM outcome WHERE tenant_id = $1 AND kind = 5 AND lead_at IS NOT NULL
UNION ALL SELECT 'record_in_two_sources',
  (SELECT count(*) FROM deal WHERE tenant_id = $1) + (SELECT count(*) FROM cost WHERE tenant_id = $1)
  + (SELECT count(*) FROM campaign WHERE tenant_id = $1) + (SELECT count(*) FROM account WHERE tenant_id = $1)
UNION ALL SELECT 'key_shared_by_many', count(*) FROM contact
  WHERE tenant_id = $1 AND (email_key IS NOT NULL OR phone_key IS NOT NULL)
UNION ALL SELECT 'stale_open_deal', count(*) FROM deal
  WHERE tenant_id = $1 AND won IS NULL AND (updated_at IS NOT NULL OR created_at IS NOT NULL)
UNION ALL SELECT 'won_without_touch', count(*) FROM outcome WHERE tenant_id = $1 AND kind = 5
UNION ALL SELECT 'journey_by_account', count(*) FROM outcome WHERE tenant_id = $1 AND kind = 5
UNION ALL SELECT 'cost_of_unknown_campaign', count(*) FROM cost WHERE tenant_id = $1 AND campaign_id IS NOT NULL
UNION ALL SELECT 'deal_of_unknown_account', count(*) FROM deal
  WHERE tenant_id = $1 AND account_id IS NOT NULL AND EXISTS (SELECT 1 FROM account WHERE tenant_id = $1)
UNION ALL SELECT 'touch_of_unknown_person', count(*) FROM touch WHERE tenant_id = $1
UNION ALL SELECT 'touch_without_campaign', count(*) FROM touch AS t
  JOIN channel AS h ON h.tenant_id = t.tenant_id AND h.id = t.channel_id
  WHERE t.tenant_id = $1 AND NOT h.is_direct
UNION ALL SELECT 'campaign_without_touch', count(*) FROM (
  SELECT p.id FROM campaign AS p
  JOIN spend AS s ON s.tenant_id = p.tenant_id AND s.campaign_id = p.id AND s.state IN ('actual', 'paid')
  WHERE p.tenant_id = $1
  GROUP BY p.id HAVING sum(s.minor) > 0
) AS spending
