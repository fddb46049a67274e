-- Payments of a deal.
-- $1 tenant  $2 deal
SELECT p.id, p.amount_minor, p.currency
FROM payment AS p
WHERE p.tenant_id = $1 AND p.deal_id = $2
