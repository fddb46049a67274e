-- Outcomes of a person or a deal. Money paid back is a refund, not a receipt below zero as well.
-- $1 tenant  $2 person or deal
SELECT o.kind, o.id, o.owner_id, o.occurred_at, o.lead_at
FROM outcome AS o
WHERE o.tenant_id = $1 AND o.owner_id = $2
  AND NOT (o.kind = 6 AND EXISTS (SELECT 1 FROM outcome AS r
                                  WHERE r.tenant_id = $1 AND r.kind = 8 AND r.id = o.id AND r.owner_id = o.owner_id))
