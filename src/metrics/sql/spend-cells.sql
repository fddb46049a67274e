-- Cost by campaign and channel (M1): actual and paid rows after rates and shared-cost rules, by spend date.
-- $1 tenant  $2 $3 days [from, to)  $4 by month as well  $5 first days of months to leave out, as 'YYYY-MM-DD,...'
-- cost, media (category ads): minor units; fx_missing: rows left out because no rate is known; ever: rows with a rate at any
-- time, inside the period or not.
SELECT s.campaign_id, s.channel, CASE WHEN CAST($4 AS BOOLEAN) THEN substr(CAST(s.day AS TEXT), 1, 7) END AS month,
       CAST(coalesce(sum(s.minor) FILTER (WHERE s.inside), 0) AS BIGINT) AS cost,
       CAST(coalesce(sum(s.minor) FILTER (WHERE s.inside AND s.category = 'ads'), 0) AS BIGINT) AS media,
       count(s.minor) FILTER (WHERE s.inside) AS cost_rows,
       count(s.minor) FILTER (WHERE s.inside AND s.category = 'ads') AS media_rows,
       count(*) FILTER (WHERE s.inside AND s.minor IS NULL) AS fx_missing,
       count(s.minor) AS ever
FROM (
  SELECT *, day >= CAST($2 AS DATE) AND day < CAST($3 AS DATE)
         AND (CAST($5 AS TEXT) = '' OR position(substr(CAST(day AS TEXT), 1, 7) IN CAST($5 AS TEXT)) = 0) AS inside
  FROM spend
  WHERE tenant_id = $1 AND state IN ('actual', 'paid')
) AS s
GROUP BY 1, 2, 3
