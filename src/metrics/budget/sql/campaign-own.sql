-- What the source itself says of a campaign that people said something else of.
-- $1 tenant  $2 campaign
SELECT f.own_kind AS type, f.own_paid AS paid, f.own_tier AS tier, f.own_brand AS brand, k.source AS parent_source,
       k.source_id AS parent_id, f.own_start_date AS start_date, f.own_end_date AS end_date, f.own_budget_minor AS budget,
       f.own_currency AS currency, f.own_target_leads AS target_leads, f.own_target_revenue_minor AS target_revenue,
       f.own_owner AS owner, f.own_region AS region, f.own_product_line AS product_line, f.own_department AS department
FROM campaign_fix AS f
LEFT JOIN source_key AS k ON k.tenant_id = f.tenant_id AND k.kind = 'campaign' AND k.id = f.own_parent_id
WHERE f.tenant_id = $1 AND f.campaign_id = $2
