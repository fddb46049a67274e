-- Median sales cycle of the workspace (M14): days from lead to won. Deals whose lead came after the win are left out.
-- $1 tenant
SELECT CAST(percentile_cont(0.5) WITHIN GROUP (
         ORDER BY CAST(EXTRACT(EPOCH FROM occurred_at - lead_at) AS DOUBLE PRECISION) / 86400) AS DOUBLE PRECISION) AS days,
       count(*) AS deals
FROM outcome
WHERE tenant_id = $1 AND kind = 5 AND lead_at <= occurred_at
