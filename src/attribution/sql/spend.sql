-- Spend of the costs in scope: in the workspace's currency, at the channel it counts at: its own, else its campaign's, else
-- none (shared). Converted at its own day as outcomes are: rounded half away from zero, null without a rate and where it would
-- be more than can be kept exactly.
-- $1 tenant
INSERT INTO spend
SELECT c.tenant_id, c.id AS cost_id, c.date AS day, c.category, c.state, c.campaign_id,
       coalesce(c.channel, p.channel) AS channel,
       CAST(CASE WHEN fx.factor = 1 THEN c.amount_minor
                 ELSE sign(c.amount_minor) * floor(abs(CAST(c.amount_minor AS DOUBLE PRECISION)) * fx.factor + 0.5)
            END AS BIGINT) AS minor,
       CAST(NULL AS TEXT) AS rule
FROM cost AS c
LEFT JOIN campaign AS p ON p.tenant_id = c.tenant_id AND p.id = c.campaign_id
LEFT JOIN fx ON fx.tenant_id = c.tenant_id AND fx.currency = c.currency AND c.date >= fx.day_from AND c.date < fx.day_to
 AND abs(CAST(c.amount_minor AS DOUBLE PRECISION)) * fx.factor <= 9000000000000000
WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'cost')
