import { z } from 'zod'
import { LOCALES } from '../errors.ts'
import { ChannelRules } from './channel-rule.ts'
import { isCurrency } from './money.ts'
import { isZone } from './period.ts'
import { RULE_MODELS } from './rule-models.ts'
import { CONVENTIONS, Eligibility, LeadRule, OFFLINE, REVENUE_BASES, SharedCostRules, Thresholds } from './rules.ts'

const weight = z.number().min(0).max(1000)

/** Weights of the model `custom`: position weight x channel weight, normalized per journey. */
export const CustomWeights = z.strictObject({
  first: weight,
  /** Of each touch between the first and the last. */
  middle: weight,
  last: weight,
  /** Factor per channel key; 1 where none is given. */
  channels: z.record(z.string(), weight).default({}),
})

/**
 * Settings of a workspace, with their defaults. Keys and defaults are fixed interface (architecture.md §6.1).
 */
export const Settings = z.strictObject({
  /** Reporting currency, ISO 4217. */
  currency: z.string().refine(isCurrency).default('CNY'),
  /** Zone of days, months and bare dates. */
  zone: z.string().refine(isZone).default('Asia/Shanghai'),
  /** Days before an outcome in which touches count; null = no limit. */
  lookback_days: z.int().min(1).max(36_500).nullable().default(365),
  /** Half-life of time decay, days. */
  half_life_days: z.number().gt(0).max(36_500).default(7),
  locale: z.enum(LOCALES).default('zh-CN'),
  /** First month of the fiscal year, 1 to 12. */
  fiscal_start: z.int().min(1).max(12).default(1),
  /** Channel keys that count as direct, compared case-insensitively. */
  direct_channels: z.array(z.string().min(1)).default(['direct', '(direct)', '直接访问', '直接']),
  /** Model shown first. */
  model: z.enum(RULE_MODELS).default('linear'),
  /** Preset: the last touch, before manual adjustment. */
  custom_weights: CustomWeights.default({ first: 0, middle: 0, last: 1, channels: {} }),
  /** null = the rules every workspace starts with. */
  channel_rules: ChannelRules.nullable().default(null),
  /** What counts as revenue (product.md F69). */
  revenue_basis: z.enum(REVENUE_BASES).default('booked'),
  /** How return is shown first: net percent, or ratio. */
  convention: z.enum(CONVENTIONS).default('net'),
  /** Direct touches: as any other, or only where a journey has nothing else (F132). */
  direct_handling: z.enum(['keep', 'ignore']).default('keep'),
  /** Touches of campaigns get all the credit of a journey that has any (F132). */
  campaigns_first: z.boolean().default(false),
  eligibility: Eligibility.default(Eligibility.parse({})),
  lead_rule: LeadRule.default(LeadRule.parse({})),
  /** Which later won deals have a path of their own, since the deal before: those marked as a repurchase, all, none (M20). */
  repurchase_path: z.enum(['marked', 'all', 'none']).default('marked'),
  /** Channel keys that count as offline, compared case-insensitively; all others are online (F95). */
  offline_channels: z.array(z.string().min(1)).default(OFFLINE),
  /** Horizon of LTV, repurchase and payback, months (M16-M19). */
  ltv_months: z.int().min(1).max(120).default(12),
  /** A customer without an order for so many days has left (M16). */
  churn_days: z.int().min(1).max(3650).default(365),
  /** A lead that nobody touched for so many days is lost (M26). */
  lead_loss_days: z.int().min(1).max(3650).default(14),
  /** Ordered; the first that matches a shared cost decides (F25). */
  shared_cost_rules: SharedCostRules.default([]),
  thresholds: Thresholds.default(Thresholds.parse({})),
  /** Decides which benchmarks apply; null = those of every industry (F76). */
  industry: z.string().min(1).max(100).nullable().default(null),
})
export type Settings = z.infer<typeof Settings>
export type SettingKey = keyof Settings

/** Changing one of these changes the ledger, so everything is recomputed. */
export const LEDGER_SETTINGS: ReadonlySet<SettingKey> = new Set<SettingKey>([
  'currency',
  'zone',
  'lookback_days',
  'half_life_days',
  'direct_channels',
  'custom_weights',
  'channel_rules',
  'direct_handling',
  'campaigns_first',
  'eligibility',
  'lead_rule',
  'repurchase_path',
])

/** Changing one of these changes how shared costs are shared out, and nothing else in the store. */
export const SPEND_SETTINGS: ReadonlySet<SettingKey> = new Set<SettingKey>([
  'shared_cost_rules',
  'model',
  'revenue_basis',
])

/** A workspace as the services see it. */
export interface Workspace {
  /** Name on the command line and in addresses: `main`, `demo-a`. */
  readonly key: string
  /** Shown to people; the key unless something better is known. */
  readonly title: string
  /** Its number in every table. */
  readonly tenant: number
  readonly settings: Settings
}
