-- Outcomes of a person or a deal.
-- $1 tenant  $2 person or deal
SELECT o.kind, o.id, o.owner_id, o.occurred_at, o.lead_at
FROM outcome AS o
WHERE o.tenant_id = $1 AND o.owner_id = $2
