-- The outcomes behind a sum under one data-driven model, in the shape of metrics/sql/credit-lines.sql.
-- $1 tenant  $2 places as 'campaign:channel,...', campaign 0 = none; null = all with a touch, '(unattributed)' = those without
-- $3 weights of channels and $12 whether they are shared out, as ledger-sums.sql takes and applies them
-- $4 $5 days [from, to)  $6 date basis: close, created, touch, cohort  $7 kinds of outcome as '5,8,9'
-- $8 only first won deals of customers  $9 only this layer; null = all  $10 rows  $11 skip
WITH place AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS campaign_id, CAST(split_part(x, ':', 2) AS BIGINT) AS channel_id
  FROM unnest(string_to_array(CAST($2 AS TEXT), ',')) AS u(x)
  WHERE x <> '' AND x <> '(unattributed)'
), weight AS (
  SELECT CAST(split_part(x, ':', 1) AS BIGINT) AS channel_id, CAST(split_part(x, ':', 2) AS DOUBLE PRECISION) AS units
  FROM unnest(string_to_array(CAST($3 AS TEXT), ',')) AS u(x)
  WHERE x <> ''
), chosen AS (
  SELECT kind, outcome_id, owner_id, coalesce(campaign_id, 0) AS campaign_id, channel_id, position, touches, m_first,
         CASE CAST($6 AS TEXT) WHEN 'created' THEN coalesce(opened_day, day) WHEN 'touch' THEN coalesce(touch_day, day)
                               WHEN 'cohort' THEN coalesce(cohort_day, day) ELSE day END AS read_day
  FROM credit
  WHERE tenant_id = $1 AND (is_new OR NOT CAST($8 AS BOOLEAN)) AND (CAST($9 AS TEXT) IS NULL OR layer = CAST($9 AS TEXT))
    AND kind IN (SELECT CAST(unnest(string_to_array(CAST($7 AS TEXT), ',')) AS SMALLINT))
), repeated AS (
  SELECT kind, outcome_id, channel_id, count(*) AS times
  FROM chosen
  WHERE CAST($12 AS BOOLEAN) AND channel_id IS NOT NULL
  GROUP BY kind, outcome_id, channel_id
), weighed AS (
  SELECT c.*, CASE WHEN c.channel_id IS NULL THEN CAST(1 AS DOUBLE PRECISION)
                   ELSE floor(coalesce(w.units, CAST(0 AS DOUBLE PRECISION)) / coalesce(r.times, 1) + 0.5) END AS own
  FROM chosen AS c
  LEFT JOIN weight AS w ON w.channel_id = c.channel_id
  LEFT JOIN repeated AS r ON r.kind = c.kind AND r.outcome_id = c.outcome_id AND r.channel_id = c.channel_id
), summed AS (
  SELECT weighed.*, sum(own) OVER ordered AS own_up, sum(own) OVER journey AS own_all,
         CAST(sum(m_first) OVER journey AS DOUBLE PRECISION) AS amount
  FROM weighed
  WINDOW journey AS (PARTITION BY kind, outcome_id),
         ordered AS (PARTITION BY kind, outcome_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), parted AS (
  SELECT kind, outcome_id, owner_id, touches, campaign_id, channel_id, read_day,
         CASE WHEN amount < 0 THEN -1 ELSE 1 END AS sign_a, abs(amount) AS a,
         CASE WHEN own_all = 0 THEN CAST(1 AS DOUBLE PRECISION) ELSE own END AS o,
         CASE WHEN own_all = 0 THEN CAST(position AS DOUBLE PRECISION) ELSE own_up END AS c,
         CASE WHEN own_all = 0 THEN CAST(touches AS DOUBLE PRECISION) ELSE own_all END AS t
  FROM summed
), line AS (
  SELECT p.kind, p.outcome_id, p.owner_id, p.touches, p.read_day,
         CAST(CASE WHEN c = t THEN 720720000000 ELSE floor(720720000000 * c / t) END
           - floor(720720000000 * (c - o) / t) AS BIGINT) AS w,
         CAST(sign_a * (CASE WHEN c = t THEN a ELSE floor(a * c / t) END - floor(a * (c - o) / t)) AS BIGINT) AS m
  FROM parted AS p
  LEFT JOIN place ON place.channel_id = p.channel_id AND place.campaign_id = p.campaign_id
  WHERE CASE
      WHEN CAST($2 AS TEXT) = '(unattributed)' THEN p.channel_id IS NULL
      WHEN p.channel_id IS NULL THEN FALSE
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
