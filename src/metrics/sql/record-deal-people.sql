-- The people of a deal.
-- $1 tenant  $2 deal
SELECT p.person_id, p.fallback FROM deal_person AS p WHERE p.tenant_id = $1 AND p.deal_id = $2
