-- The outcomes behind a number, largest credit first, with sums over all pages.
-- $1 tenant  $2 dimension  $3 group key; null = every attributed group, '(unattributed)' = without a touch
-- $4 $5 days [from, to)  $6 model  $7 kind of outcome  $8 only first won deals  $9 rows  $10 rows to skip
WITH line AS (
  SELECT c.outcome_id, c.touches,
         CASE CAST($6 AS TEXT)
           WHEN 'first' THEN c.w_first
           WHEN 'last' THEN c.w_last
           WHEN 'last_non_direct' THEN c.w_last_non_direct
           WHEN 'linear' THEN c.w_linear
           WHEN 'u_position' THEN c.w_u_position
           WHEN 'j_position' THEN c.w_j_position
           WHEN 'inverse_j_position' THEN c.w_inverse_j_position
           WHEN 'u_milestone' THEN c.w_u_milestone
           WHEN 'u_milestone_50' THEN c.w_u_milestone_50
           WHEN 'w_milestone' THEN c.w_w_milestone
           WHEN 'full_path' THEN c.w_full_path
           WHEN 'time_decay' THEN c.w_time_decay
           WHEN 'custom' THEN c.w_custom
         END AS w,
         CASE CAST($6 AS TEXT)
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
         END AS m
  FROM credit AS c
  LEFT JOIN channel ON channel.tenant_id = c.tenant_id AND channel.id = c.channel_id
  LEFT JOIN campaign ON campaign.tenant_id = c.tenant_id AND campaign.id = c.campaign_id
  LEFT JOIN source_key AS named
    ON named.tenant_id = c.tenant_id AND named.kind = 'campaign' AND named.id = c.campaign_id
  WHERE c.tenant_id = $1 AND c.kind = CAST($7 AS INTEGER) AND (c.is_new OR NOT CAST($8 AS BOOLEAN))
    AND c.day >= CAST($4 AS DATE) AND c.day < CAST($5 AS DATE)
    AND CASE
      WHEN CAST($3 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($3 AS TEXT) IS NULL THEN TRUE
      ELSE CAST($3 AS TEXT) = CASE CAST($2 AS TEXT)
        WHEN 'channel' THEN channel.key
        WHEN 'campaign' THEN coalesce(campaign.source_id, named.source_id, '(none)')
        WHEN 'type' THEN coalesce(campaign.kind, '(none)')
        WHEN 'region' THEN coalesce(campaign.region, '(none)')
        WHEN 'product_line' THEN coalesce(campaign.product_line, '(none)')
        WHEN 'department' THEN coalesce(campaign.department, '(none)')
        WHEN 'month' THEN substr(CAST(c.day AS TEXT), 1, 7)
      END
    END
), per_outcome AS (
  SELECT outcome_id, CAST(sum(w) AS BIGINT) AS weight, CAST(sum(m) AS BIGINT) AS credited,
         count(*) AS touches, max(touches) AS touches_total
  FROM line
  WHERE w <> 0 OR m <> 0
  GROUP BY outcome_id
), whole AS (
  SELECT count(*) AS all_count, CAST(coalesce(sum(weight), 0) AS BIGINT) AS all_weight,
         CAST(coalesce(sum(credited), 0) AS BIGINT) AS all_credited
  FROM per_outcome
)
SELECT coalesce(deal.source_id, contact.source_id) AS source_id, coalesce(deal.name, contact.name) AS name,
       coalesce(account.name, account_key.source_id) AS account,
       o.occurred_at, o.amount_minor, p.weight, p.credited,
       CASE WHEN p.touches_total = 0 THEN 0 ELSE p.touches END AS touches, p.touches_total,
       whole.all_count, whole.all_weight, whole.all_credited
FROM per_outcome AS p
CROSS JOIN whole
JOIN outcome AS o ON o.tenant_id = $1 AND o.kind = CAST($7 AS INTEGER) AND o.id = p.outcome_id
LEFT JOIN deal ON deal.tenant_id = $1 AND deal.id = p.outcome_id
LEFT JOIN contact ON contact.tenant_id = $1 AND contact.id = p.outcome_id
LEFT JOIN account ON account.tenant_id = $1 AND account.id = coalesce(deal.account_id, contact.account_id)
LEFT JOIN source_key AS account_key
  ON account_key.tenant_id = $1 AND account_key.kind = 'account'
 AND account_key.id = coalesce(deal.account_id, contact.account_id)
ORDER BY p.credited DESC, p.weight DESC, o.occurred_at, coalesce(deal.source_id, contact.source_id)
LIMIT CAST($9 AS BIGINT) OFFSET CAST($10 AS BIGINT)
