-- Contacts that a changed reference names, by id or by one of their keys, and those that an erased one of them is linked
-- with: where identity is stitched again.
-- $1 tenant
INSERT INTO scope
SELECT DISTINCT CAST($1 AS INTEGER), 'contact', found.id FROM (
  SELECT c.id FROM dirty AS d JOIN contact AS c ON c.tenant_id = d.tenant_id AND c.id = d.id
  WHERE d.tenant_id = $1 AND d.kind = 'ref'
  UNION ALL
  SELECT c.id FROM dirty AS d JOIN contact AS c ON c.tenant_id = d.tenant_id AND c.email_key = d.id
  WHERE d.tenant_id = $1 AND d.kind = 'ref'
  UNION ALL
  SELECT c.id FROM dirty AS d JOIN contact AS c ON c.tenant_id = d.tenant_id AND c.phone_key = d.id
  WHERE d.tenant_id = $1 AND d.kind = 'ref'
  UNION ALL
  SELECT c.id FROM dirty AS d JOIN contact AS c ON c.tenant_id = d.tenant_id AND c.external_key = d.id
  WHERE d.tenant_id = $1 AND d.kind = 'ref'
  UNION ALL
  SELECT c.id FROM dirty AS d JOIN erased_link AS l ON l.tenant_id = d.tenant_id AND l.other_id = d.id
  JOIN contact AS c ON c.tenant_id = l.tenant_id AND c.id = l.contact_id
  WHERE d.tenant_id = $1 AND d.kind = 'ref'
  UNION ALL
  SELECT c.id FROM dirty AS d JOIN erased_link AS l ON l.tenant_id = d.tenant_id AND l.contact_id = d.id
  JOIN contact AS c ON c.tenant_id = l.tenant_id AND c.id = l.other_id
  WHERE d.tenant_id = $1 AND d.kind = 'ref'
) AS found
