-- The credit of every rule model (attribution.md §1) for the outcomes of one run, in one pass over their journeys.
-- $1 tenant  $2 run  $3 look-back in days  $4 half-life in seconds  $5 $6 $7 custom weight of the first, a middle and
-- the last position, thousandths  $8 workspace zone  $9 its offset as in outcomes.sql
--
-- Per touch and model: o_ its own weight, c_ the weight up to and with it, t_ the journey's total: whole numbers held in
-- doubles, exact below 2^53, so neither row order nor parallel sums can change a result. Credit is split by cumulative
-- rounding: part = floor(A c / t) - floor(A (c - o) / t), hence the parts of an outcome add up to A exactly, each within
-- one unit of its exact share. The same split of one whole into 720720000000 units gives the weights: units that 2 to
-- 16 touches divide evenly. A negative amount is its sign times the split of its absolute value.
INSERT INTO credit
WITH member AS (
  SELECT o.*, p.person_id
  FROM outcome AS o
  JOIN deal_person AS p ON p.tenant_id = o.tenant_id AND p.deal_id = o.owner_id
  WHERE o.tenant_id = $1 AND o.run = $2 AND o.kind >= 4
  UNION ALL
  SELECT o.*, o.owner_id AS person_id
  FROM outcome AS o
  WHERE o.tenant_id = $1 AND o.run = $2 AND o.kind <= 3
), path AS (
  SELECT m.tenant_id, m.kind, m.id AS outcome_id, m.owner_id, m.day, m.opened_day, m.cohort_day, m.layer, m.is_new,
         m.amount_minor, t.id AS touch_id, t.used_campaign_id AS campaign_id, t.channel_id, t.occurred_at, t.sequence, t.source, t.source_id,
         CASE WHEN t.occurred_at <= m.lead_at THEN 1 END AS before_lead,
         CASE WHEN t.occurred_at <= m.opened_at THEN 1 END AS before_open
  FROM member AS m
  JOIN touch AS t ON t.tenant_id = m.tenant_id AND t.person_id = m.person_id
   AND t.occurred_at <= m.path_end
   AND t.occurred_at >= m.path_end - CAST($3 AS INTEGER) * INTERVAL '1 day'
   AND t.eligible IS NOT FALSE AND (m.path_start IS NULL OR t.occurred_at > m.path_start)
  WHERE NOT EXISTS (SELECT 1 FROM passed_over AS x
                    WHERE x.tenant_id = m.tenant_id AND x.kind = m.kind AND x.outcome_id = m.id AND x.touch_id = t.id)
), placed AS (
  SELECT path.*,
         CAST(count(*) OVER journey AS DOUBLE PRECISION) AS n,
         CAST(count(before_lead) OVER journey AS DOUBLE PRECISION) AS l,
         CAST(count(before_open) OVER journey AS DOUBLE PRECISION) AS o,
         max(occurred_at) OVER journey AS newest,
         CAST(row_number() OVER ordered AS DOUBLE PRECISION) AS rn
  FROM path
  WINDOW journey AS (PARTITION BY tenant_id, kind, outcome_id),
         ordered AS (PARTITION BY tenant_id, kind, outcome_id
                     ORDER BY occurred_at, sequence NULLS LAST, source, source_id)
), weighed AS (
  -- Time decay relative to the newest touch: the common factor cancels, the exponent is bounded (attribution.md §7).
  SELECT placed.*,
         floor(power(CAST(2 AS DOUBLE PRECISION), 40 - least(CAST(40 AS DOUBLE PRECISION),
               CAST(EXTRACT(EPOCH FROM newest - occurred_at) AS DOUBLE PRECISION) / CAST($4 AS DOUBLE PRECISION)))
               + 0.5) AS decay,
         coalesce(channel.custom_factor, 1000)
               * CASE WHEN rn = n THEN CAST($7 AS DOUBLE PRECISION) WHEN rn = 1 THEN CAST($5 AS DOUBLE PRECISION)
                      ELSE CAST($6 AS DOUBLE PRECISION) END AS manual,
         CASE WHEN channel.is_direct THEN 0 ELSE rn END AS not_direct
  FROM placed
  LEFT JOIN channel ON channel.tenant_id = placed.tenant_id AND channel.id = placed.channel_id
), summed AS (
  SELECT weighed.*,
         sum(decay) OVER ordered AS decay_up, sum(decay) OVER journey AS decay_all,
         sum(manual) OVER ordered AS manual_up, sum(manual) OVER journey AS manual_all,
         max(not_direct) OVER journey AS last_not_direct,
         CASE WHEN kind >= 5 THEN 1 ELSE 0 END AS closes,
         greatest(n - 2, 1) AS middles,
         CASE WHEN l > 0 AND l <= rn THEN 1 ELSE 0 END AS lead_in,
         CASE WHEN o > 0 AND o <= rn THEN 1 ELSE 0 END AS open_in,
         CASE WHEN l > 0 THEN 1 ELSE 0 END AS has_lead,
         CASE WHEN o > 0 THEN 1 ELSE 0 END AS has_open,
         CASE WHEN rn = 1 THEN 1 ELSE 0 END AS is_first,
         CASE WHEN rn = l THEN 1 ELSE 0 END AS is_lead,
         CASE WHEN rn = o THEN 1 ELSE 0 END AS is_open,
         CASE WHEN rn = n THEN 1 ELSE 0 END AS is_last,
         -- Milestones on touches of their own (not shared with an earlier-named one), in all and up to here.
         CASE WHEN l > 1 THEN 1 ELSE 0 END AS lead_own,
         CASE WHEN l > 1 AND l <= rn THEN 1 ELSE 0 END AS lead_own_in,
         CASE WHEN o > 1 AND o <> l THEN 1 ELSE 0 END AS open_own,
         CASE WHEN o > 1 AND o <> l AND o <= rn THEN 1 ELSE 0 END AS open_own_in,
         CASE WHEN n > 1 AND n <> l AND n <> o THEN 1 ELSE 0 END AS close_own,
         greatest(l, o, 1) AS last_w
  FROM weighed
  WINDOW journey AS (PARTITION BY tenant_id, kind, outcome_id),
         ordered AS (PARTITION BY tenant_id, kind, outcome_id ORDER BY rn
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), milestones AS (
  -- mid_*: touches that share the middle; in_*: those of them up to and with this one.
  SELECT summed.*,
         greatest(l, 1) - 1 - lead_own AS mid_u,
         least(rn, greatest(l, 1)) - 1 - lead_own_in AS in_u,
         last_w - 1 - lead_own - open_own AS mid_w,
         least(rn, last_w) - 1 - lead_own_in - open_own_in AS in_w,
         CASE WHEN closes = 1 THEN n ELSE last_w END - 1 - lead_own - open_own - closes * close_own AS mid_f,
         CASE WHEN closes = 1 THEN rn ELSE least(rn, last_w) END - 1 - lead_own_in - open_own_in
           - closes * close_own * is_last AS in_f
  FROM summed
), units AS (
  -- One milestone weighs unit_*, one middle touch its fixed share; without a middle the milestones alone make the whole.
  SELECT milestones.*,
         CASE WHEN mid_u = 0 THEN 1 ELSE 4 * mid_u END AS unit_u,
         CASE WHEN mid_w = 0 THEN 1 ELSE 3 * mid_w END AS unit_w,
         CASE WHEN mid_f = 0 THEN 1 ELSE 9 * mid_f END AS unit_f
  FROM milestones
), models AS (
  SELECT units.*,
         CASE WHEN amount_minor < 0 THEN -1 ELSE 1 END AS sign_a,
         abs(CAST(amount_minor AS DOUBLE PRECISION)) AS a,
         is_first AS o_first, 1 AS c_first, 1 AS t_first,
         is_last AS o_last, is_last AS c_last, 1 AS t_last,
         CASE WHEN rn = CASE WHEN last_not_direct > 0 THEN last_not_direct ELSE n END THEN 1 ELSE 0 END
           AS o_last_non_direct,
         CASE WHEN rn >= CASE WHEN last_not_direct > 0 THEN last_not_direct ELSE n END THEN 1 ELSE 0 END
           AS c_last_non_direct,
         1 AS t_last_non_direct,
         1 AS o_linear, rn AS c_linear, n AS t_linear,
         CASE WHEN n = 1 THEN 1 WHEN rn = 1 THEN 4 * middles WHEN rn = n THEN 4 * middles ELSE 2 END AS o_u_position,
         CASE WHEN n = 1 THEN 1 WHEN rn = n THEN 8 * middles + 2 * (n - 2) ELSE 4 * middles + 2 * (rn - 1) END
           AS c_u_position,
         CASE WHEN n = 1 THEN 1 ELSE 8 * middles + 2 * (n - 2) END AS t_u_position,
         CASE WHEN n = 1 THEN 1 WHEN rn = 1 THEN 2 * middles WHEN rn = n THEN 6 * middles ELSE 2 END AS o_j_position,
         CASE WHEN n = 1 THEN 1 WHEN rn = n THEN 8 * middles + 2 * (n - 2) ELSE 2 * middles + 2 * (rn - 1) END
           AS c_j_position,
         CASE WHEN n = 1 THEN 1 ELSE 8 * middles + 2 * (n - 2) END AS t_j_position,
         CASE WHEN n = 1 THEN 1 WHEN rn = 1 THEN 6 * middles WHEN rn = n THEN 2 * middles ELSE 2 END AS o_inverse_j_position,
         CASE WHEN n = 1 THEN 1 WHEN rn = n THEN 8 * middles + 2 * (n - 2) ELSE 6 * middles + 2 * (rn - 1) END
           AS c_inverse_j_position,
         CASE WHEN n = 1 THEN 1 ELSE 8 * middles + 2 * (n - 2) END AS t_inverse_j_position,
         unit_u * (is_first + is_lead)
           + CASE WHEN mid_u > 0 AND rn < l AND rn > 1 THEN 2 ELSE 0 END AS o_u_milestone,
         unit_u * (1 + lead_in) + 2 * in_u AS c_u_milestone,
         unit_u * (1 + has_lead) + 2 * mid_u AS t_u_milestone,
         is_first + is_lead AS o_u_milestone_50, 1 + lead_in AS c_u_milestone_50, 1 + has_lead AS t_u_milestone_50,
         unit_w * (is_first + is_lead + is_open)
           + CASE WHEN rn < last_w AND is_first + is_lead + is_open = 0 THEN 1 ELSE 0 END AS o_w_milestone,
         unit_w * (1 + lead_in + open_in) + in_w AS c_w_milestone,
         unit_w * (1 + has_lead + has_open) + mid_w AS t_w_milestone,
         unit_f * (is_first + is_lead + is_open + closes * is_last)
           + CASE WHEN (closes = 1 OR rn < last_w) AND is_first + is_lead + is_open + closes * is_last = 0
                  THEN 4 ELSE 0 END AS o_full_path,
         unit_f * (1 + lead_in + open_in + closes * is_last) + 4 * in_f AS c_full_path,
         unit_f * (1 + has_lead + has_open + closes) + 4 * mid_f AS t_full_path,
         decay AS o_time_decay, decay_up AS c_time_decay, decay_all AS t_time_decay,
         -- Weights that all come out as 0 fall back to equal parts, so that nothing vanishes.
         CASE WHEN manual_all = 0 THEN 1 ELSE manual END AS o_custom,
         CASE WHEN manual_all = 0 THEN rn ELSE manual_up END AS c_custom,
         CASE WHEN manual_all = 0 THEN n ELSE manual_all END AS t_custom
  FROM units
)
SELECT tenant_id, kind, outcome_id, owner_id, day, opened_day, cohort_day,
       CASE WHEN CAST($9 AS INTEGER) IS NOT NULL AND occurred_at >= TIMESTAMP '2000-01-01'
              THEN CAST(occurred_at + CAST($9 AS INTEGER) * INTERVAL '1 second' AS DATE)
              ELSE CAST((occurred_at AT TIME ZONE 'UTC') AT TIME ZONE CAST($8 AS TEXT) AS DATE) END AS touch_day, layer, is_new,
       touch_id, campaign_id, channel_id,
       CAST(rn AS INTEGER) AS position, CAST(n AS INTEGER) AS touches, CAST($2 AS BIGINT) AS run,
       CAST(CASE WHEN c_first = t_first THEN 720720000000 ELSE floor(720720000000 * c_first / t_first) END
         - floor(720720000000 * (c_first - o_first) / t_first) AS BIGINT) AS w_first,
       CAST(CASE WHEN c_last = t_last THEN 720720000000 ELSE floor(720720000000 * c_last / t_last) END
         - floor(720720000000 * (c_last - o_last) / t_last) AS BIGINT) AS w_last,
       CAST(CASE WHEN c_last_non_direct = t_last_non_direct THEN 720720000000 ELSE floor(720720000000 * c_last_non_direct / t_last_non_direct) END
         - floor(720720000000 * (c_last_non_direct - o_last_non_direct) / t_last_non_direct) AS BIGINT) AS w_last_non_direct,
       CAST(CASE WHEN c_linear = t_linear THEN 720720000000 ELSE floor(720720000000 * c_linear / t_linear) END
         - floor(720720000000 * (c_linear - o_linear) / t_linear) AS BIGINT) AS w_linear,
       CAST(CASE WHEN c_u_position = t_u_position THEN 720720000000 ELSE floor(720720000000 * c_u_position / t_u_position) END
         - floor(720720000000 * (c_u_position - o_u_position) / t_u_position) AS BIGINT) AS w_u_position,
       CAST(CASE WHEN c_j_position = t_j_position THEN 720720000000 ELSE floor(720720000000 * c_j_position / t_j_position) END
         - floor(720720000000 * (c_j_position - o_j_position) / t_j_position) AS BIGINT) AS w_j_position,
       CAST(CASE WHEN c_inverse_j_position = t_inverse_j_position THEN 720720000000 ELSE floor(720720000000 * c_inverse_j_position / t_inverse_j_position) END
         - floor(720720000000 * (c_inverse_j_position - o_inverse_j_position) / t_inverse_j_position) AS BIGINT) AS w_inverse_j_position,
       CAST(CASE WHEN c_u_milestone = t_u_milestone THEN 720720000000 ELSE floor(720720000000 * c_u_milestone / t_u_milestone) END
         - floor(720720000000 * (c_u_milestone - o_u_milestone) / t_u_milestone) AS BIGINT) AS w_u_milestone,
       CAST(CASE WHEN c_u_milestone_50 = t_u_milestone_50 THEN 720720000000 ELSE floor(720720000000 * c_u_milestone_50 / t_u_milestone_50) END
         - floor(720720000000 * (c_u_milestone_50 - o_u_milestone_50) / t_u_milestone_50) AS BIGINT) AS w_u_milestone_50,
       CAST(CASE WHEN c_w_milestone = t_w_milestone THEN 720720000000 ELSE floor(720720000000 * c_w_milestone / t_w_milestone) END
         - floor(720720000000 * (c_w_milestone - o_w_milestone) / t_w_milestone) AS BIGINT) AS w_w_milestone,
       CAST(CASE WHEN c_full_path = t_full_path THEN 720720000000 ELSE floor(720720000000 * c_full_path / t_full_path) END
         - floor(720720000000 * (c_full_path - o_full_path) / t_full_path) AS BIGINT) AS w_full_path,
       CAST(CASE WHEN c_time_decay = t_time_decay THEN 720720000000 ELSE floor(720720000000 * c_time_decay / t_time_decay) END
         - floor(720720000000 * (c_time_decay - o_time_decay) / t_time_decay) AS BIGINT) AS w_time_decay,
       CAST(CASE WHEN c_custom = t_custom THEN 720720000000 ELSE floor(720720000000 * c_custom / t_custom) END
         - floor(720720000000 * (c_custom - o_custom) / t_custom) AS BIGINT) AS w_custom,
       CAST(sign_a * (CASE WHEN c_first = t_first THEN a ELSE floor(a * c_first / t_first) END
         - floor(a * (c_first - o_first) / t_first)) AS BIGINT) AS m_first,
       CAST(sign_a * (CASE WHEN c_last = t_last THEN a ELSE floor(a * c_last / t_last) END
         - floor(a * (c_last - o_last) / t_last)) AS BIGINT) AS m_last,
       CAST(sign_a * (CASE WHEN c_last_non_direct = t_last_non_direct THEN a ELSE floor(a * c_last_non_direct / t_last_non_direct) END
         - floor(a * (c_last_non_direct - o_last_non_direct) / t_last_non_direct)) AS BIGINT) AS m_last_non_direct,
       CAST(sign_a * (CASE WHEN c_linear = t_linear THEN a ELSE floor(a * c_linear / t_linear) END
         - floor(a * (c_linear - o_linear) / t_linear)) AS BIGINT) AS m_linear,
       CAST(sign_a * (CASE WHEN c_u_position = t_u_position THEN a ELSE floor(a * c_u_position / t_u_position) END
         - floor(a * (c_u_position - o_u_position) / t_u_position)) AS BIGINT) AS m_u_position,
       CAST(sign_a * (CASE WHEN c_j_position = t_j_position THEN a ELSE floor(a * c_j_position / t_j_position) END
         - floor(a * (c_j_position - o_j_position) / t_j_position)) AS BIGINT) AS m_j_position,
       CAST(sign_a * (CASE WHEN c_inverse_j_position = t_inverse_j_position THEN a ELSE floor(a * c_inverse_j_position / t_inverse_j_position) END
         - floor(a * (c_inverse_j_position - o_inverse_j_position) / t_inverse_j_position)) AS BIGINT) AS m_inverse_j_position,
       CAST(sign_a * (CASE WHEN c_u_milestone = t_u_milestone THEN a ELSE floor(a * c_u_milestone / t_u_milestone) END
         - floor(a * (c_u_milestone - o_u_milestone) / t_u_milestone)) AS BIGINT) AS m_u_milestone,
       CAST(sign_a * (CASE WHEN c_u_milestone_50 = t_u_milestone_50 THEN a ELSE floor(a * c_u_milestone_50 / t_u_milestone_50) END
         - floor(a * (c_u_milestone_50 - o_u_milestone_50) / t_u_milestone_50)) AS BIGINT) AS m_u_milestone_50,
       CAST(sign_a * (CASE WHEN c_w_milestone = t_w_milestone THEN a ELSE floor(a * c_w_milestone / t_w_milestone) END
         - floor(a * (c_w_milestone - o_w_milestone) / t_w_milestone)) AS BIGINT) AS m_w_milestone,
       CAST(sign_a * (CASE WHEN c_full_path = t_full_path THEN a ELSE floor(a * c_full_path / t_full_path) END
         - floor(a * (c_full_path - o_full_path) / t_full_path)) AS BIGINT) AS m_full_path,
       CAST(sign_a * (CASE WHEN c_time_decay = t_time_decay THEN a ELSE floor(a * c_time_decay / t_time_decay) END
         - floor(a * (c_time_decay - o_time_decay) / t_time_decay)) AS BIGINT) AS m_time_decay,
       CAST(sign_a * (CASE WHEN c_custom = t_custom THEN a ELSE floor(a * c_custom / t_custom) END
         - floor(a * (c_custom - o_custom) / t_custom)) AS BIGINT) AS m_custom
FROM models
