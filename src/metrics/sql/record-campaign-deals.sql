-- Won deals with an eligible touch of a campaign, the newest first, with counts and amounts of all of them (influenced,
-- product.md §1), in the workspace's currency; an amount without a rate counts as 0. Lines between "-- indexed" and "-- end" are for engines with
-- indexes: the way by the campaign's touches and their people spares them the whole ledger.
-- $1 tenant  $2 campaign  $3 model  $4 rows
WITH line AS (
  SELECT c.outcome_id,
         CAST(sum(CASE CAST($3 AS TEXT)
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
                  END) AS BIGINT) AS credited
  FROM credit AS c
  WHERE c.tenant_id = $1 AND c.campaign_id = $2 AND c.kind = 5
-- indexed
    AND c.owner_id IN (
      SELECT p.deal_id
      FROM deal_person AS p
      WHERE p.tenant_id = $1
        AND p.person_id IN (SELECT t.person_id FROM touch AS t WHERE t.tenant_id = $1 AND t.campaign_id = $2)
    )
-- end
  GROUP BY c.outcome_id
), worth AS (
  SELECT line.credited, o.id, o.occurred_at AS closed_at, o.amount_minor AS worth_minor
  FROM line
  JOIN outcome AS o ON o.tenant_id = $1 AND o.kind = 5 AND o.owner_id = line.outcome_id
), whole AS (
  SELECT count(*) AS all_count, CAST(coalesce(sum(worth_minor), 0) AS BIGINT) AS all_worth FROM worth
), newest AS (
  SELECT * FROM worth ORDER BY closed_at DESC, id LIMIT CAST($4 AS BIGINT)
)
SELECT n.id, n.credited, whole.all_count, whole.all_worth
FROM newest AS n
CROSS JOIN whole
