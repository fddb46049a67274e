-- The same as record-touches.sql for a person with many: the very first one and the newest, with the number of all of
-- them. The order is the ledger's (attribution.md §1).
-- $1 tenant  $2 person  $3 last instant, UTC  $4 how many of the newest
WITH placed AS (
  SELECT t.id, t.person_id, t.occurred_at, t.sequence, t.source, t.source_id, t.channel_id, t.campaign_id, t.kind,
         row_number() OVER (PARTITION BY t.person_id
                            ORDER BY t.occurred_at, t.sequence NULLS LAST, t.source, t.source_id) AS place,
         count(*) OVER (PARTITION BY t.person_id) AS all_count
  FROM touch AS t
  WHERE t.tenant_id = $1 AND t.person_id = $2 AND t.occurred_at <= CAST($3 AS TIMESTAMP)
)
SELECT * FROM placed WHERE place = 1 OR place > all_count - CAST($4 AS BIGINT)
