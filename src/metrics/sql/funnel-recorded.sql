-- Steps of the funnel that anybody of the workspace ever has a date of.
-- $1 tenant
SELECT DISTINCT kind FROM rollup WHERE tenant_id = $1 AND kind <= 6
