-- Takes from the touches of erased contacts what could tell who they were; time, channel and campaign stay.
-- scope holds the contacts as kind erased.
-- $1 tenant
UPDATE touch SET landing_url = NULL, referrer = NULL, click_id = NULL, utm_term = NULL, utm_content = NULL, attributes = NULL
WHERE tenant_id = $1 AND ref_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
