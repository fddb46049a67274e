-- Records that fail a check of data quality (M38, F44, F148): one row per rule that found something, or the records behind one.
-- $1 tenant  $2 now, UTC  $3 contacts that may share an address  $4 rule whose records are wanted, '' = how many of every rule
-- $5 days before the newest touch or deal after which an open deal is stale: old data is no list of old deals
-- $6 records at most  $7 records to pass over
-- money: minor units in the workspace's currency that the records touch: the revenue of won deals, the spend of costs; null where
-- no money is involved or no rate is known. type, source, id, name: of a record; null without a rule. example: an id.
WITH sale AS (
  SELECT id, amount_minor, lead_at > occurred_at AS backwards, fallback, fx_missing FROM outcome WHERE tenant_id = $1 AND kind = 5
), spent AS (
  SELECT cost_id, CAST(coalesce(sum(minor), 0) AS BIGINT) AS minor, count(*) FILTER (WHERE minor IS NULL) > 0 AS fx_missing
  FROM spend WHERE tenant_id = $1 AND state IN ('actual', 'paid')
  GROUP BY cost_id
), placed AS (
  SELECT t.source, t.source_id, t.id, t.used_campaign_id, h.key AS channel, h.is_direct
  FROM touch AS t
  JOIN channel AS h ON h.tenant_id = t.tenant_id AND h.id = t.channel_id
  WHERE t.tenant_id = $1
), earned AS (
  SELECT touch_id, CAST(sum(m_linear) AS BIGINT) AS minor
  FROM credit
  WHERE tenant_id = $1 AND kind IN (5, 8, 9) AND touch_id IS NOT NULL AND campaign_id IS NULL
  GROUP BY touch_id
), shared AS (
  SELECT email_key AS key FROM contact WHERE tenant_id = $1 AND email_key IS NOT NULL
  GROUP BY email_key HAVING count(*) > CAST($3 AS BIGINT)
  UNION ALL
  SELECT phone_key FROM contact WHERE tenant_id = $1 AND phone_key IS NOT NULL
  GROUP BY phone_key HAVING count(*) > CAST($3 AS BIGINT)
), used AS (
  SELECT DISTINCT used_campaign_id AS id FROM touch WHERE tenant_id = $1 AND used_campaign_id IS NOT NULL
), twice AS (
  -- Ids that two sources have. All records of one but the first fail.
  SELECT 'deal' AS type, source_id, min(id) AS first_id FROM deal WHERE tenant_id = $1 GROUP BY source_id HAVING count(*) > 1
  UNION ALL
  SELECT 'cost', source_id, min(id) FROM cost WHERE tenant_id = $1 GROUP BY source_id HAVING count(*) > 1
  UNION ALL
  SELECT 'campaign', source_id, min(id) FROM campaign WHERE tenant_id = $1 GROUP BY source_id HAVING count(*) > 1
  UNION ALL
  SELECT 'account', source_id, min(id) FROM account WHERE tenant_id = $1 GROUP BY source_id HAVING count(*) > 1
), stranger AS (
  SELECT DISTINCT t.person_id AS id FROM touch AS t
  WHERE t.tenant_id = $1
    AND NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.tenant_id = t.tenant_id AND c.person_id = t.person_id)
), newest AS (
  SELECT max(occurred_at) AS seen_at FROM touch WHERE tenant_id = $1 AND occurred_at <= CAST($2 AS TIMESTAMP)
  UNION ALL SELECT max(created_at) FROM deal WHERE tenant_id = $1 AND created_at <= CAST($2 AS TIMESTAMP)
  UNION ALL SELECT max(updated_at) FROM deal WHERE tenant_id = $1 AND updated_at <= CAST($2 AS TIMESTAMP)
  UNION ALL SELECT max(closed_at) FROM deal WHERE tenant_id = $1 AND closed_at <= CAST($2 AS TIMESTAMP)
), issue AS (
  SELECT 'open_deal_without_amount' AS code, 'deal' AS type, source, source_id, name, CAST(NULL AS BIGINT) AS money
  FROM deal WHERE tenant_id = $1 AND won IS NULL AND amount_minor IS NULL
  UNION ALL
  SELECT 'deal_without_created_at', 'deal', d.source, d.source_id, d.name, coalesce(s.amount_minor, 0)
  FROM deal AS d LEFT JOIN sale AS s ON s.id = d.id WHERE d.tenant_id = $1 AND d.created_at IS NULL
  UNION ALL
  SELECT 'deal_without_account', 'deal', d.source, d.source_id, d.name, coalesce(s.amount_minor, 0)
  FROM deal AS d LEFT JOIN sale AS s ON s.id = d.id
  WHERE d.tenant_id = $1 AND d.account_id IS NULL AND d.contact_refs IS NULL
  UNION ALL
  SELECT 'contact_without_address', 'contact', source, source_id, name, CAST(NULL AS BIGINT)
  FROM contact WHERE tenant_id = $1 AND email_key IS NULL AND phone_key IS NULL AND external_key IS NULL
  UNION ALL
  SELECT 'touch_without_source', 'touch', source, source_id, NULL, CAST(NULL AS BIGINT)
  FROM placed WHERE channel = '(unknown)'
  UNION ALL
  SELECT 'fx_missing_deals', 'deal', d.source, d.source_id, d.name, CAST(NULL AS BIGINT)
  FROM deal AS d JOIN sale AS s ON s.id = d.id AND s.fx_missing WHERE d.tenant_id = $1
  UNION ALL
  SELECT 'fx_missing_payments', 'payment', p.source, p.source_id, NULL, CAST(NULL AS BIGINT)
  FROM payment AS p JOIN outcome AS o ON o.tenant_id = p.tenant_id AND o.kind = 6 AND o.id = p.id AND o.fx_missing
  WHERE p.tenant_id = $1
  UNION ALL
  SELECT 'fx_missing_payments', 'invoice', i.source, i.source_id, NULL, CAST(NULL AS BIGINT)
  FROM invoice AS i JOIN outcome AS o ON o.tenant_id = i.tenant_id AND o.kind = 7 AND o.id = i.id AND o.fx_missing
  WHERE i.tenant_id = $1
  UNION ALL
  SELECT 'fx_missing_costs', 'cost', c.source, c.source_id, c.vendor, CAST(NULL AS BIGINT)
  FROM cost AS c JOIN spent AS s ON s.cost_id = c.id AND s.fx_missing WHERE c.tenant_id = $1
  UNION ALL
  SELECT 'closed_before_created', 'deal', d.source, d.source_id, d.name, coalesce(s.amount_minor, 0)
  FROM deal AS d LEFT JOIN sale AS s ON s.id = d.id WHERE d.tenant_id = $1 AND d.closed_at < d.created_at
  UNION ALL
  SELECT 'won_in_future', 'deal', d.source, d.source_id, d.name, coalesce(s.amount_minor, 0)
  FROM deal AS d LEFT JOIN sale AS s ON s.id = d.id
  WHERE d.tenant_id = $1 AND d.won AND d.closed_at > CAST($2 AS TIMESTAMP)
  UNION ALL
  SELECT 'won_before_lead', 'deal', d.source, d.source_id, d.name, s.amount_minor
  FROM deal AS d JOIN sale AS s ON s.id = d.id AND s.backwards WHERE d.tenant_id = $1
  UNION ALL
  SELECT 'record_in_two_sources', 'deal', d.source, d.source_id, d.name, coalesce(s.amount_minor, 0)
  FROM deal AS d
  JOIN twice AS t ON t.type = 'deal' AND t.source_id = d.source_id AND t.first_id <> d.id
  LEFT JOIN sale AS s ON s.id = d.id
  WHERE d.tenant_id = $1
  UNION ALL
  SELECT 'record_in_two_sources', 'cost', c.source, c.source_id, c.vendor, coalesce(s.minor, 0)
  FROM cost AS c
  JOIN twice AS t ON t.type = 'cost' AND t.source_id = c.source_id AND t.first_id <> c.id
  LEFT JOIN spent AS s ON s.cost_id = c.id
  WHERE c.tenant_id = $1
  UNION ALL
  SELECT 'record_in_two_sources', 'campaign', c.source, c.source_id, c.name, CAST(NULL AS BIGINT)
  FROM campaign AS c
  JOIN twice AS t ON t.type = 'campaign' AND t.source_id = c.source_id AND t.first_id <> c.id
  WHERE c.tenant_id = $1
  UNION ALL
  SELECT 'record_in_two_sources', 'account', a.source, a.source_id, a.name, CAST(NULL AS BIGINT)
  FROM account AS a
  JOIN twice AS t ON t.type = 'account' AND t.source_id = a.source_id AND t.first_id <> a.id
  WHERE a.tenant_id = $1
  UNION ALL
  SELECT 'key_shared_by_many', 'contact', source, source_id, name, CAST(NULL AS BIGINT)
  FROM contact
  WHERE tenant_id = $1 AND (email_key IN (SELECT key FROM shared) OR phone_key IN (SELECT key FROM shared))
  UNION ALL
  SELECT 'stale_open_deal', 'deal', source, source_id, name, CAST(NULL AS BIGINT)
  FROM deal
  WHERE tenant_id = $1 AND won IS NULL
    AND coalesce(updated_at, created_at) < (SELECT max(seen_at) FROM newest) - CAST($5 AS INTEGER) * INTERVAL '1 day'
  UNION ALL
  SELECT 'won_without_touch', 'deal', d.source, d.source_id, d.name, s.amount_minor
  FROM deal AS d
  JOIN sale AS s ON s.id = d.id
  JOIN credit AS c ON c.tenant_id = d.tenant_id AND c.kind = 5 AND c.outcome_id = d.id AND c.channel_id IS NULL
  WHERE d.tenant_id = $1
  UNION ALL
  SELECT 'journey_by_account', 'deal', d.source, d.source_id, d.name, s.amount_minor
  FROM deal AS d JOIN sale AS s ON s.id = d.id AND s.fallback WHERE d.tenant_id = $1
  UNION ALL
  SELECT 'cost_of_unknown_campaign', 'cost', c.source, c.source_id, c.vendor, coalesce(s.minor, 0)
  FROM cost AS c LEFT JOIN spent AS s ON s.cost_id = c.id
  WHERE c.tenant_id = $1 AND c.campaign_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM campaign AS p WHERE p.tenant_id = c.tenant_id AND p.id = c.campaign_id)
  UNION ALL
  SELECT 'deal_of_unknown_account', 'deal', d.source, d.source_id, d.name, coalesce(s.amount_minor, 0)
  FROM deal AS d LEFT JOIN sale AS s ON s.id = d.id
  WHERE d.tenant_id = $1 AND d.account_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM account AS a WHERE a.tenant_id = d.tenant_id)
    AND NOT EXISTS (SELECT 1 FROM account AS a WHERE a.tenant_id = d.tenant_id AND a.id = d.account_id)
  UNION ALL
  SELECT 'touch_of_unknown_person', 'touch', t.source, t.source_id, NULL, CAST(NULL AS BIGINT)
  FROM touch AS t JOIN stranger AS p ON p.id = t.person_id WHERE t.tenant_id = $1
  UNION ALL
  SELECT 'touch_without_campaign', 'touch', t.source, t.source_id, NULL, coalesce(e.minor, 0)
  FROM placed AS t LEFT JOIN earned AS e ON e.touch_id = t.id
  WHERE t.used_campaign_id IS NULL AND NOT t.is_direct
  UNION ALL
  -- What a campaign spent, where nobody was ever seen to come from it or from a part of it.
  SELECT 'campaign_without_touch', 'campaign', p.source, p.source_id, p.name, CAST(sum(s.minor) AS BIGINT)
  FROM campaign AS p
  JOIN spend AS s ON s.tenant_id = p.tenant_id AND s.campaign_id = p.id AND s.state IN ('actual', 'paid')
  WHERE p.tenant_id = $1 AND p.id NOT IN (SELECT id FROM used)
    AND NOT EXISTS (SELECT 1 FROM campaign AS part JOIN used ON used.id = part.id
                    WHERE part.tenant_id = p.tenant_id AND part.parent_id = p.id)
  GROUP BY p.source, p.source_id, p.name
  HAVING sum(s.minor) > 0
), wanted AS (
  SELECT code, CASE WHEN CAST($4 AS TEXT) = '' THEN NULL ELSE type END AS type,
         CASE WHEN CAST($4 AS TEXT) = '' THEN NULL ELSE source END AS source,
         CASE WHEN CAST($4 AS TEXT) = '' THEN NULL ELSE source_id END AS id,
         CASE WHEN CAST($4 AS TEXT) = '' THEN NULL ELSE name END AS name, source_id, money
  FROM issue
  WHERE CAST($4 AS TEXT) = '' OR code = CAST($4 AS TEXT)
)
SELECT code, type, source, id, name, count(*) AS n, CAST(sum(money) AS BIGINT) AS money, min(source_id) AS example
FROM wanted
GROUP BY code, type, source, id, name
ORDER BY coalesce(sum(money), 0) DESC, count(*) DESC, code, type, id, source
LIMIT CAST($6 AS INTEGER) OFFSET CAST($7 AS INTEGER)
