-- Payments and invoices of a deal.
-- $1 tenant  $2 deal
SELECT p.id, p.amount_minor, p.currency
FROM (
  SELECT id, deal_id, amount_minor, currency FROM payment WHERE tenant_id = $1
  UNION ALL
  SELECT id, deal_id, amount_minor, currency FROM invoice WHERE tenant_id = $1
) AS p
WHERE p.deal_id = $2
