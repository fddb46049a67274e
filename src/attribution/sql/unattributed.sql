-- Outcomes of one run that no eligible touch precedes: all of their credit goes to one row without a touch.
-- $1 tenant  $2 run
INSERT INTO credit
SELECT o.tenant_id, o.kind, o.id, o.owner_id, o.day, o.opened_day, o.cohort_day,
       CAST(NULL AS DATE) AS touch_day, o.layer, o.is_new,
       CAST(NULL AS BIGINT) AS touch_id, CAST(NULL AS BIGINT) AS campaign_id, CAST(NULL AS BIGINT) AS channel_id,
       0 AS position, 0 AS touches, o.run,
       720720000000, 720720000000, 720720000000, 720720000000, 720720000000, 720720000000, 720720000000,
       720720000000, 720720000000, 720720000000, 720720000000, 720720000000, 720720000000,
       o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor,
       o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor, o.amount_minor
FROM outcome AS o
WHERE o.tenant_id = $1 AND o.run = $2
  AND NOT EXISTS (SELECT 1 FROM credit AS c
                  WHERE c.tenant_id = o.tenant_id AND c.run = $2 AND c.kind = o.kind AND c.outcome_id = o.id)
