-- The outcomes behind a sum, largest credit first, with sums over all pages.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without
-- $3 model  $4 $5 days [from, to)  $6 date basis: close, created, touch, cohort  $7 kinds of outcome as '5,8,9'
-- $8 only first won deals of customers  $9 only this layer; null = all  $10 rows  $11 skip
-- weight: units of 1/720720000000; credited: minor units; amount_minor: the whole outcome's.
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> '' AND x <> '(unattributed)'
), line AS (
  SELECT c.kind, c.outcome_id, c.owner_id, c.touches,
         CASE CAST($3 AS TEXT)
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
         CASE CAST($3 AS TEXT)
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
         END AS m,
         CASE CAST($6 AS TEXT) WHEN 'created' THEN coalesce(c.opened_day, c.day) WHEN 'touch' THEN coalesce(c.touch_day, c.day)
                               WHEN 'cohort' THEN coalesce(c.cohort_day, c.day) ELSE c.day END AS read_day
  FROM credit AS c
  LEFT JOIN place ON place.channel_id = c.channel_id AND place.campaign_id = coalesce(c.campaign_id, 0)
  WHERE c.tenant_id = $1 AND (c.is_new OR NOT CAST($8 AS BOOLEAN)) AND (CAST($9 AS TEXT) IS NULL OR c.layer = CAST($9 AS TEXT))
    AND c.kind IN (SELECT CAST(unnest(string_to_array(CAST($7 AS TEXT), ',')) AS SMALLINT))
    AND CASE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN c.channel_id IS NULL
      WHEN c.channel_id IS NULL THEN FALSE
      WHEN CAST($2 AS TEXT) IS NULL THEN TRUE
      ELSE place.channel_id IS NOT NULL
    END
), per_outcome AS (
  SELECT kind, outcome_id, max(owner_id) AS owner_id, CAST(sum(w) AS BIGINT) AS weight, CAST(sum(m) AS BIGINT) AS credited,
         count(*) AS touches, max(touches) AS touches_total
  FROM line
  WHERE (w <> 0 OR m <> 0) AND read_day >= CAST($4 AS DATE) AND read_day < CAST($5 AS DATE)
  GROUP BY kind, outcome_id
), whole AS (
  SELECT count(*) AS all_count, CAST(coalesce(sum(weight), 0) AS BIGINT) AS all_weight,
         CAST(coalesce(sum(credited), 0) AS BIGINT) AS all_credited
  FROM per_outcome
)
SELECT p.kind, coalesce(deal.source_id, contact.source_id) AS source_id, coalesce(deal.source, contact.source) AS source,
       coalesce(deal.name, contact.name) AS name, coalesce(account.name, account_key.source_id) AS account,
       o.occurred_at, o.day, o.amount_minor, p.weight, p.credited,
       CASE WHEN p.touches_total = 0 THEN 0 ELSE p.touches END AS touches, p.touches_total,
       whole.all_count, whole.all_weight, whole.all_credited
FROM per_outcome AS p
CROSS JOIN whole
JOIN outcome AS o ON o.tenant_id = $1 AND o.kind = p.kind AND o.id = p.outcome_id
LEFT JOIN deal ON deal.tenant_id = $1 AND deal.id = p.owner_id AND p.kind >= 4
LEFT JOIN contact ON contact.tenant_id = $1 AND contact.id = p.owner_id AND p.kind <= 3
LEFT JOIN account ON account.tenant_id = $1 AND account.id = coalesce(deal.account_id, contact.account_id)
LEFT JOIN source_key AS account_key
  ON account_key.tenant_id = $1 AND account_key.kind = 'account'
 AND account_key.id = coalesce(deal.account_id, contact.account_id)
ORDER BY p.credited DESC, p.weight DESC, o.occurred_at, p.kind, coalesce(deal.source_id, contact.source_id), p.outcome_id
LIMIT CAST($10 AS BIGINT) OFFSET CAST($11 AS BIGINT)
