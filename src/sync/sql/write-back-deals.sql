-- Credit of every deal of a source by channel, under a model and under first touch; a deal that is not won, or has no eligible
-- touch, has one row without a channel.
-- $1 tenant  $2 source  $3 model
SELECT d.source_id AS id, channel.key AS channel,
       CAST(coalesce(sum(CASE CAST($3 AS TEXT)
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
       END), 0) AS BIGINT) AS w,
       CAST(coalesce(sum(c.w_first), 0) AS BIGINT) AS first_w
FROM deal AS d
LEFT JOIN credit AS c ON c.tenant_id = d.tenant_id AND c.kind = 5 AND c.outcome_id = d.id
LEFT JOIN channel ON channel.tenant_id = d.tenant_id AND channel.id = c.channel_id
WHERE d.tenant_id = $1 AND d.source = $2
GROUP BY d.source_id, channel.key
ORDER BY d.source_id, channel.key
