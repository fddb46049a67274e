-- Touches of a person up to an instant, in no order; some of them when there are more than the limit.
-- $1 tenant  $2 person  $3 last instant, UTC  $4 limit
SELECT t.id, t.person_id, t.occurred_at, t.sequence, t.source, t.source_id, t.channel_id, t.campaign_id, t.kind
FROM touch AS t
WHERE t.tenant_id = $1 AND t.person_id = $2 AND t.occurred_at <= CAST($3 AS TIMESTAMP)
LIMIT CAST($4 AS BIGINT)
