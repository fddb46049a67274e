-- Invoices of merged deals are the winners'.
-- scope holds the losers as kind merged.
-- $1 tenant
UPDATE invoice SET deal_id = found.into_id
FROM (
  SELECT a.from_id, a.into_id
  FROM scope AS s JOIN alias AS a ON a.tenant_id = s.tenant_id AND a.from_id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'merged'
) AS found
WHERE invoice.tenant_id = $1 AND invoice.deal_id = found.from_id
