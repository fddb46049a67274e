-- Text of a reference to a record that has not arrived. An address of a person is none.
-- $1 tenant  $2 record
SELECT k.id, k.source_id
FROM source_key AS k
WHERE k.tenant_id = $1 AND k.id = $2 AND k.kind IN ('contact', 'campaign')
