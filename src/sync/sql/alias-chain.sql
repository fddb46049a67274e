-- Aliases that led to a record that was merged itself lead to its winner.
-- $1 tenant  $2 loser  $3 winner
UPDATE alias SET into_id = CAST($3 AS BIGINT) WHERE tenant_id = $1 AND into_id = CAST($2 AS BIGINT)
