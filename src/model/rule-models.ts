/** Ids of the rule models (attribution.md §1), in the order shown; also the columns of the credit ledger. */
export const RULE_MODELS = [
  'first',
  'last',
  'last_non_direct',
  'linear',
  'u_position',
  'j_position',
  'inverse_j_position',
  'u_milestone',
  'u_milestone_50',
  'w_milestone',
  'full_path',
  'time_decay',
  'custom',
] as const
export type RuleModel = (typeof RULE_MODELS)[number]

/** One whole of credit in the ledger's units: 2 to 16 touches divide it evenly. The same number stands in credit.sql. */
export const WHOLE = 720_720_000_000n
