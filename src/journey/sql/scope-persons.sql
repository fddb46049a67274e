-- Persons behind the references and contacts in scope, as stitched at this moment. Run before and after stitching.
-- $1 tenant
INSERT INTO scope
SELECT CAST($1 AS INTEGER), 'person', found.id FROM (
  SELECT c.person_id AS id FROM scope AS s JOIN contact AS c ON c.tenant_id = s.tenant_id AND c.id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'contact'
  UNION
  SELECT coalesce(i.person_id, s.id) FROM scope AS s
  LEFT JOIN identity AS i ON i.tenant_id = s.tenant_id AND i.ref_id = s.id
  WHERE s.tenant_id = $1 AND s.kind = 'ref'
  UNION
  SELECT t.person_id FROM dirty AS d JOIN touch AS t ON t.tenant_id = d.tenant_id AND t.campaign_id = d.id
  WHERE d.tenant_id = $1 AND d.kind = 'campaign'
  UNION
  -- Touches that a correction moved to the campaign.
  SELECT t.person_id FROM dirty AS d JOIN touch_fix AS f ON f.tenant_id = d.tenant_id AND f.campaign_id = d.id
  JOIN touch AS t ON t.tenant_id = f.tenant_id AND t.id = f.touch_id
  WHERE d.tenant_id = $1 AND d.kind = 'campaign'
) AS found
WHERE found.id NOT IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'person')
