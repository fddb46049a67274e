-- The credit ledger under one model (F129), in an order that depends on the source's ids only.
-- $1 tenant  $2 model
SELECT c.kind, coalesce(deal.source_id, payment.source_id, invoice.source_id, contact.source_id) AS outcome_id,
       touch.source_id AS touch_id, channel.key AS channel,
       coalesce(campaign.source_id, named.source_id) AS campaign_id,
       CASE CAST($2 AS TEXT)
         WHEN 'first' THEN c.w_first
         WHEN 'last' THEN c.w_last
         WHEN 'last_non_direct' THEN c.w_last_non_direct
         WHEN 'linear' THEN c.w_linear
         WHEN 'u_position' THEN c.w_u_position
         WHEN 'j_position' THEN c.w_j_position
         WHEN 'inverse_j_position' THEN c.w_inverse_j_position
         WHEN 'u_milestone' THEN c.w_u_milestone
         WHEN 'u_milestone_50' THEN c.w_u_milestone_50
         WHEN 'w_milestone' THEN c.w_w_milestone
         WHEN 'full_path' THEN c.w_full_path
         WHEN 'time_decay' THEN c.w_time_decay
         WHEN 'custom' THEN c.w_custom
       END AS weight,
       CASE CAST($2 AS TEXT)
         WHEN 'first' THEN c.m_first
         WHEN 'last' THEN c.m_last
         WHEN 'last_non_direct' THEN c.m_last_non_direct
         WHEN 'linear' THEN c.m_linear
         WHEN 'u_position' THEN c.m_u_position
         WHEN 'j_position' THEN c.m_j_position
         WHEN 'inverse_j_position' THEN c.m_inverse_j_position
         WHEN 'u_milestone' THEN c.m_u_milestone
         WHEN 'u_milestone_50' THEN c.m_u_milestone_50
         WHEN 'w_milestone' THEN c.m_w_milestone
         WHEN 'full_path' THEN c.m_full_path
         WHEN 'time_decay' THEN c.m_time_decay
         WHEN 'custom' THEN c.m_custom
       END AS amount_minor
FROM credit AS c
LEFT JOIN deal ON deal.tenant_id = c.tenant_id AND deal.id = c.outcome_id AND c.kind IN (4, 5, 9)
LEFT JOIN payment ON payment.tenant_id = c.tenant_id AND payment.id = c.outcome_id AND c.kind IN (6, 8)
LEFT JOIN invoice ON invoice.tenant_id = c.tenant_id AND invoice.id = c.outcome_id AND c.kind = 7
LEFT JOIN contact ON contact.tenant_id = c.tenant_id AND contact.id = c.outcome_id AND c.kind <= 3
LEFT JOIN touch ON touch.tenant_id = c.tenant_id AND touch.id = c.touch_id
LEFT JOIN channel ON channel.tenant_id = c.tenant_id AND channel.id = c.channel_id
LEFT JOIN campaign ON campaign.tenant_id = c.tenant_id AND campaign.id = c.campaign_id
LEFT JOIN source_key AS named
  ON named.tenant_id = c.tenant_id AND named.kind = 'campaign' AND named.id = c.campaign_id
WHERE c.tenant_id = $1
ORDER BY c.kind, coalesce(deal.source, payment.source, invoice.source, contact.source),
         coalesce(deal.source_id, payment.source_id, invoice.source_id, contact.source_id), c.position
