import { LOCALES, RoiError, type Text } from '../errors.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import { CONVENTIONS, REVENUE_BASES } from '../model/rules.ts'
import { type SettingKey, Settings } from '../model/settings.ts'

/** All settings, in the order they are shown. */
export const SETTING_KEYS = Object.keys(Settings.shape) as readonly SettingKey[]

/** What a setting may be, for errors and help. */
export const ALLOWED: Readonly<Record<SettingKey, Text>> = {
  currency: same('CNY, USD, EUR … (ISO 4217)', 'CNY、USD、EUR 等 ISO 4217 代码'),
  zone: same('Asia/Shanghai, Europe/Berlin, UTC … (IANA)', 'Asia/Shanghai、UTC 等 IANA 时区名'),
  lookback_days: same('none, or whole days from 1 to 36500', 'none（不限），或 1 到 36500 的整数天'),
  half_life_days: same('days above 0, up to 36500', '大于 0、不超过 36500 的天数'),
  locale: same(LOCALES.join(', ')),
  fiscal_start: same('month 1 to 12', '1 到 12 月'),
  direct_channels: same('channels separated by commas, or a JSON array', '用逗号分隔的渠道，或 JSON 数组'),
  model: same(RULE_MODELS.join(', ')),
  custom_weights: same(
    'JSON such as {"first": 40, "middle": 20, "last": 40, "channels": {"expo": 1.5}}, weights from 0 to 1000',
    'JSON，如 {"first": 40, "middle": 20, "last": 40, "channels": {"expo": 1.5}}，权重为 0 到 1000',
  ),
  channel_rules: same(
    'default, or a JSON array such as [{"channel": "wechat", "when": [{"field": "utm_source", "is": ["weixin"]}]}]',
    'default，或 JSON 数组，如 [{"channel": "wechat", "when": [{"field": "utm_source", "is": ["weixin"]}]}]',
  ),
  revenue_basis: same(REVENUE_BASES.join(', ')),
  convention: same(CONVENTIONS.join(', ')),
  direct_handling: same('keep, ignore'),
  campaigns_first: same('true, false'),
  eligibility: same(
    'JSON such as {"exclude_kinds": ["email_open"], "exclude_channels": ["direct"]}',
    'JSON，如 {"exclude_kinds": ["email_open"], "exclude_channels": ["direct"]}',
  ),
  lead_rule: same(
    'JSON such as {"mql": {"touch_kinds": ["form"]}, "sql": {"deal_created": true}}',
    'JSON，如 {"mql": {"touch_kinds": ["form"]}, "sql": {"deal_created": true}}',
  ),
  repurchase_path: same('marked, all, none'),
  offline_channels: same('channels separated by commas, or a JSON array', '用逗号分隔的渠道，或 JSON 数组'),
  ltv_months: same('months from 1 to 120', '1 到 120 个月'),
  churn_days: same('days from 1 to 3650', '1 到 3650 天'),
  lead_loss_days: same('days from 1 to 3650', '1 到 3650 天'),
  shared_cost_rules: same(
    'JSON array such as [{"id": "rent", "categories": ["tools"], "by": "spend", "over": "channel"}]',
    'JSON 数组，如 [{"id": "rent", "categories": ["tools"], "by": "spend", "over": "channel"}]',
  ),
  thresholds: same(
    'JSON such as {"channel_healthy": {"value": 1, "convention": "ratio"}}; each threshold says its convention',
    'JSON，如 {"channel_healthy": {"value": 1, "convention": "ratio"}}；每个阈值都须写明口径',
  ),
  industry: same('a name, or none', '名称，或 none（不限）'),
}

function same(en: string, zh = en): Text {
  return { en, 'zh-CN': zh }
}

/**
 * The name of a setting.
 * @throws RoiError `unknown_setting` listing them all
 */
export function settingKey(name: string): SettingKey {
  const key = SETTING_KEYS.find((known) => known === name)
  if (key) return key
  const list = SETTING_KEYS.join(', ')
  throw new RoiError(
    'usage',
    'unknown_setting',
    { en: `There is no setting "${name.slice(0, 80)}".`, 'zh-CN': `没有名为“${name.slice(0, 80)}”的设置。` },
    { en: `Settings: ${list}.`, 'zh-CN': `可用的设置：${list}。` },
  )
}

/**
 * A setting as typed on a command line: `lookback_days` `none`, `direct_channels` `a,b`, `custom_weights` as JSON.
 * @throws RoiError `unknown_setting`, `bad_setting` naming the allowed values
 */
export function parseSetting(name: string, text: string): { key: SettingKey; value: Settings[SettingKey] } {
  const key = settingKey(name)
  return { key, value: checkSetting(key, fromText(key, text.trim())) }
}

const NO_LIMIT = new Set(['none', 'null', '无', '不限'])
const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['是', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['否', false],
])
const BUILT_IN = new Set(['default', 'none', 'null', '默认'])

function fromText(key: SettingKey, text: string): unknown {
  switch (key) {
    case 'currency':
      return text.toUpperCase()
    case 'lookback_days':
      return NO_LIMIT.has(text.toLowerCase()) ? null : numeral(text)
    case 'half_life_days':
    case 'fiscal_start':
    case 'ltv_months':
    case 'churn_days':
    case 'lead_loss_days':
      return numeral(text)
    case 'campaigns_first':
      return BOOLEANS.get(text.toLowerCase()) ?? text
    case 'industry':
      return NO_LIMIT.has(text.toLowerCase()) ? null : text
    case 'direct_channels':
    case 'offline_channels':
      return text.startsWith('[') ? json(text, key) : list(text)
    case 'custom_weights':
    case 'eligibility':
    case 'lead_rule':
    case 'shared_cost_rules':
    case 'thresholds':
      return json(text, key)
    case 'channel_rules':
      return BUILT_IN.has(text.toLowerCase()) ? null : json(text, key)
    default:
      return text
  }
}

/** Digits only: `Number` alone would take '', '0x1f' and '1e3'. */
function numeral(text: string): unknown {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function list(text: string): string[] {
  return text
    .split(/[,，]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function json(text: string, key: SettingKey): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw badSetting(key, 'JSON', cause)
  }
}

/**
 * A complete, valid value of a setting.
 * @throws RoiError `bad_setting` naming the allowed values
 */
export function checkSetting<K extends SettingKey>(key: K, value: unknown): Settings[K] {
  const parsed = Settings.shape[key].safeParse(value)
  if (parsed.success) return parsed.data as Settings[K]
  const issue = parsed.error.issues[0]
  throw badSetting(key, issue?.path.join('.') ?? '', parsed.error)
}

function badSetting(key: SettingKey, place: string, cause: unknown): RoiError {
  const at = place ? ` (${place})` : ''
  const allowed = ALLOWED[key]
  return new RoiError(
    'usage',
    'bad_setting',
    { en: `This value is not possible for ${key}${at}.`, 'zh-CN': `${key} 不能设为该值${at}。` },
    { en: `Allowed: ${allowed.en}.`, 'zh-CN': `可用的值：${allowed['zh-CN']}。` },
    { cause },
  )
}

/**
 * Settings from their stored rows, defaults for the rest.
 * @throws RoiError `bad_stored_setting`: taking the default instead would silently change every figure
 */
export function parseStored(
  workspace: string,
  rows: readonly { readonly key: string; readonly value: string }[],
): Settings {
  const values = Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value)]))
  const parsed = Settings.safeParse(values)
  if (parsed.success) return parsed.data
  const key = parsed.error.issues[0]?.path[0] ?? rows.map((row) => row.key).join(', ')
  throw new RoiError(
    'failure',
    'bad_stored_setting',
    {
      en: `The stored setting ${String(key)} of workspace ${workspace} is not valid.`,
      'zh-CN': `工作区 ${workspace} 中保存的设置 ${String(key)} 无效。`,
    },
    {
      en: 'It was changed outside the program: restore the state store from a backup.',
      'zh-CN': '该设置在程序之外被修改：请用备份恢复状态库。',
    },
    { cause: parsed.error },
  )
}
