-- Findings about the data (M38, F148): one row per rule that found something, with the money it touches.
-- $1 tenant  $2 workspace currency  $3 now, UTC  $4 contacts a shared key may merge
-- money: minor units of the deals or costs touched, in the workspace currency; null where no money is involved.
SELECT code, n, money, example FROM (
  SELECT 'open_deal_without_amount' AS code, count(*) AS n, CAST(NULL AS BIGINT) AS money, min(source_id) AS example
  FROM deal WHERE tenant_id = $1 AND won IS NULL AND amount_minor IS NULL
  UNION ALL
  SELECT 'deal_without_created_at', count(*), CAST(coalesce(sum(amount_minor) FILTER (WHERE won AND currency = $2), 0) AS BIGINT), min(source_id)
  FROM deal WHERE tenant_id = $1 AND created_at IS NULL
  UNION ALL
  SELECT 'deal_without_account', count(*), CAST(coalesce(sum(amount_minor) FILTER (WHERE won AND currency = $2), 0) AS BIGINT), min(source_id)
  FROM deal WHERE tenant_id = $1 AND account_id IS NULL AND contact_refs IS NULL
  UNION ALL
  SELECT 'closed_before_created', count(*), CAST(coalesce(sum(amount_minor) FILTER (WHERE won AND currency = $2), 0) AS BIGINT), min(source_id)
  FROM deal WHERE tenant_id = $1 AND closed_at < created_at
  UNION ALL
  SELECT 'won_in_future', count(*), CAST(coalesce(sum(amount_minor) FILTER (WHERE currency = $2), 0) AS BIGINT), min(source_id)
  FROM deal WHERE tenant_id = $1 AND won AND closed_at > CAST($3 AS TIMESTAMP)
  UNION ALL
  SELECT 'won_without_touch', count(*), CAST(coalesce(sum(c.m_linear), 0) AS BIGINT), min(d.source_id)
  FROM credit AS c JOIN deal AS d ON d.tenant_id = c.tenant_id AND d.id = c.outcome_id
  WHERE c.tenant_id = $1 AND c.kind = 5 AND c.channel_id IS NULL
  UNION ALL
  SELECT 'journey_by_account', count(*), CAST(coalesce(sum(o.amount_minor), 0) AS BIGINT), min(d.source_id)
  FROM outcome AS o JOIN deal AS d ON d.tenant_id = o.tenant_id AND d.id = o.id
  WHERE o.tenant_id = $1 AND o.kind = 5 AND o.fallback
  UNION ALL
  SELECT 'fx_missing_deals', count(*), CAST(NULL AS BIGINT), min(source_id)
  FROM deal WHERE tenant_id = $1 AND won AND currency <> $2
  UNION ALL
  SELECT 'fx_missing_costs', count(*), CAST(NULL AS BIGINT), min(source_id)
  FROM cost WHERE tenant_id = $1 AND state IN ('actual', 'paid') AND currency <> $2
  UNION ALL
  SELECT 'cost_of_unknown_campaign', count(*), CAST(coalesce(sum(c.amount_minor) FILTER (WHERE c.currency = $2), 0) AS BIGINT), min(c.source_id)
  FROM cost AS c
  WHERE c.tenant_id = $1 AND c.campaign_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM campaign AS p WHERE p.tenant_id = c.tenant_id AND p.id = c.campaign_id)
  UNION ALL
  SELECT 'deal_of_unknown_account', count(*), CAST(coalesce(sum(d.amount_minor) FILTER (WHERE d.won AND d.currency = $2), 0) AS BIGINT), min(d.source_id)
  FROM deal AS d
  WHERE d.tenant_id = $1 AND d.account_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM account AS a WHERE a.tenant_id = d.tenant_id)
    AND NOT EXISTS (SELECT 1 FROM account AS a WHERE a.tenant_id = d.tenant_id AND a.id = d.account_id)
  UNION ALL
  SELECT 'touch_without_source', count(*), CAST(NULL AS BIGINT), min(t.source_id)
  FROM touch AS t JOIN channel AS h ON h.tenant_id = t.tenant_id AND h.id = t.channel_id AND h.key = '(unknown)'
  WHERE t.tenant_id = $1
  UNION ALL
  SELECT 'touch_of_unknown_person', count(*), CAST(NULL AS BIGINT), min(t.source_id)
  FROM touch AS t
  WHERE t.tenant_id = $1
    AND NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.tenant_id = t.tenant_id AND c.person_id = t.person_id)
  UNION ALL
  SELECT 'key_shared_by_many', count(*), CAST(NULL AS BIGINT), min(example)
  FROM (
    SELECT min(email) AS example FROM contact WHERE tenant_id = $1 AND email_key IS NOT NULL
    GROUP BY email_key HAVING count(*) > CAST($4 AS BIGINT)
    UNION ALL
    SELECT min(phone) FROM contact WHERE tenant_id = $1 AND phone_key IS NOT NULL
    GROUP BY phone_key HAVING count(*) > CAST($4 AS BIGINT)
  ) AS shared
) AS found
WHERE n > 0
ORDER BY coalesce(money, 0) DESC, n DESC, code
