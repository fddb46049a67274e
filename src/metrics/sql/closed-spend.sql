-- Locked cost of closed months by place (F144).
-- $1 tenant  $2 by month as well  $3 first days of the months as 'YYYY-MM-DD,...'
SELECT place_id, CASE WHEN CAST($2 AS BOOLEAN) THEN substr(CAST(month AS TEXT), 1, 7) END AS month,
       CAST(sum(cost) AS BIGINT) AS cost, CAST(sum(media) AS BIGINT) AS media, CAST(sum(cost_rows) AS BIGINT) AS cost_rows,
       CAST(sum(media_rows) AS BIGINT) AS media_rows, CAST(sum(fx_missing) AS BIGINT) AS fx_missing
FROM closed_spend
WHERE tenant_id = $1 AND month IN (SELECT CAST(x AS DATE) FROM unnest(string_to_array(CAST($3 AS TEXT), ',')) AS u(x))
GROUP BY 1, 2
