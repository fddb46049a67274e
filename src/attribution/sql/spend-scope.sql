-- Costs whose spend is written anew: those marked, those of marked campaigns, and on demand all that nobody owns.
-- $1 tenant  $2 whether the costs that neither a channel nor a campaign owns are among them
INSERT INTO scope
SELECT CAST($1 AS INTEGER), 'cost', found.id FROM (
  SELECT id FROM dirty WHERE tenant_id = $1 AND kind = 'cost'
  UNION
  SELECT c.id FROM dirty AS d JOIN cost AS c ON c.tenant_id = d.tenant_id AND c.campaign_id = d.id
  WHERE d.tenant_id = $1 AND d.kind = 'campaign'
  UNION
  SELECT id FROM cost WHERE tenant_id = $1 AND campaign_id IS NULL AND channel IS NULL AND CAST($2 AS BOOLEAN)
) AS found
