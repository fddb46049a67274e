-- What some currencies are worth in the workspace's, day by day.
-- $1 tenant  $2 currencies, separated by commas
SELECT currency, day_from, day_to, factor FROM fx
WHERE tenant_id = $1 AND currency IN (SELECT unnest(string_to_array(CAST($2 AS TEXT), ',')))
