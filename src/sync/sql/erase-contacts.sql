-- Makes contacts stand-ins of themselves: when they came, were MQL and SQL, and their account, by which all figures stay.
-- scope holds the contacts as kind erased, and keys that say nothing of a person as kind crowd.
-- $1 tenant
UPDATE contact SET
  email = NULL, phone = NULL, external_id = NULL, name = NULL, lead_source = NULL, region = NULL, industry = NULL,
  attributes = NULL, updated_at = NULL, row_hash = 0,
  email_key = CASE WHEN email_key IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'crowd') THEN email_key END,
  phone_key = CASE WHEN phone_key IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'crowd') THEN phone_key END,
  external_key = CASE WHEN external_key IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'crowd')
                      THEN external_key END
WHERE tenant_id = $1 AND id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
