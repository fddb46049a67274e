-- Channel of the first touch of the person behind each contact of a source; null where there is none. Erased ones are not
-- there any more.
-- $1 tenant  $2 source
SELECT id, channel
FROM (
  SELECT contact.source_id AS id, channel.key AS channel,
         row_number() OVER (PARTITION BY contact.id
                            ORDER BY touch.occurred_at, touch.sequence NULLS LAST, touch.source, touch.source_id) AS n
  FROM contact
  LEFT JOIN touch ON touch.tenant_id = contact.tenant_id AND touch.person_id = contact.person_id
  LEFT JOIN channel ON channel.tenant_id = contact.tenant_id AND channel.id = touch.channel_id
  WHERE contact.tenant_id = $1 AND contact.source = $2
    AND contact.id NOT IN (SELECT id FROM erased WHERE tenant_id = $1)
) AS ranked
WHERE n = 1
ORDER BY id
