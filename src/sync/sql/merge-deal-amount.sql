-- Amount history of merged deals is the winners'.
-- scope holds the losers as kind merged.
-- $1 tenant
UPDATE amount_change SET deal_id = found.into_id
FROM (
  SELECT a.from_id, a.into_id
  FROM scope AS s JOIN alias AS a ON a.tenant_id = s.tenant_id AND a.from_id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'merged'
) AS found
WHERE amount_change.tenant_id = $1 AND amount_change.deal_id = found.from_id
