import { RoiError, type Text } from '../errors.ts'
import { COST_STATES, TIERS } from '../model/records.ts'
import { CLASSES, MANUAL_VALUES, type ManualKind, type ManualValue } from './manual-values.ts'

const say = (en: string, zh: string): Text => ({ en, 'zh-CN': zh })
const DAY = say('a day such as 2026-03-31', '日期，如 2026-03-31')
const WORDS = say('a text of 1 to 200 characters on one line', '1 到 200 个字符的单行文本')
const MONEY = say(
  'a decimal amount with no more digits than its currency has, such as 1250.50',
  '十进制金额，小数位不超过该币种，如 1250.50',
)

/** What a field may be, for people. Fields that are not here are {@link WORDS}. */
const ALLOWED: Readonly<Record<string, Text>> = {
  date: DAY,
  start_date: DAY,
  end_date: say('a day that is not before the start', '不早于开始日期的日期'),
  amount: MONEY,
  budget: say('a decimal amount of 0 or more, such as 50000', '不小于 0 的十进制金额，如 50000'),
  target_revenue: MONEY,
  currency: say('CNY, USD, EUR … (ISO 4217)', 'CNY、USD、EUR 等 ISO 4217 代码'),
  from: say('CNY, USD, EUR … (ISO 4217)', 'CNY、USD、EUR 等 ISO 4217 代码'),
  to: say('a currency other than the first', '与前者不同的币种'),
  rate: say('a decimal above 0, such as 7.1234', '大于 0 的十进制数，如 7.1234'),
  state: say(COST_STATES.join(', '), COST_STATES.join('、')),
  tier: say(TIERS.join(', '), TIERS.join('、')),
  class: say(CLASSES.join(', '), CLASSES.join('、')),
  paid: say('true, false', 'true、false'),
  brand: say('true (brand), false (performance)', 'true（品牌）、false（效果）'),
  target_leads: say('a number of 0 or more', '不小于 0 的数'),
  note: say('a text of up to 2000 characters', '不超过 2000 个字符的文本'),
  project: say('a text, and not beside a campaign', '文本，且不能与营销活动同时填写'),
  period: say(
    'a month 2026-03, a quarter 2026-Q1, a year 2026, or days 2026-03-01..2026-04-15 (the last one excluded)',
    '月 2026-03、季度 2026-Q1、年 2026，或日期 2026-03-01..2026-04-15（不含末日）',
  ),
}

/**
 * A complete, valid value of a kind.
 * @throws RoiError `bad_entry` naming the first field that is wrong and what it may be
 */
export function checkValue<Kind extends ManualKind>(kind: Kind, value: unknown): ManualValue<Kind> {
  const parsed = MANUAL_VALUES[kind].safeParse(value)
  if (parsed.success) return parsed.data as ManualValue<Kind>
  const issue = parsed.error.issues[0]
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]
  const name = String(field ?? kind)
  if (issue?.code === 'unrecognized_keys') throw notOfKind(name.slice(0, 80))
  throw badEntry(name, ALLOWED[name] ?? WORDS, parsed.error)
}

/** A value that a field cannot have. @param allowed what it may be */
export function badEntry(field: string, allowed: Text, cause?: unknown): RoiError {
  return new RoiError(
    'usage',
    'bad_entry',
    { en: `This is not possible for ${field}. Nothing was saved.`, 'zh-CN': `${field} 的值无效。未保存任何内容。` },
    { en: `Allowed: ${allowed.en}.`, 'zh-CN': `可用的值：${allowed['zh-CN']}。` },
    { cause },
  )
}

function notOfKind(field: string): RoiError {
  return new RoiError(
    'usage',
    'bad_entry',
    { en: `There is no field ${field} here. Nothing was saved.`, 'zh-CN': `此处没有字段 ${field}。未保存任何内容。` },
    { en: 'Leave it out.', 'zh-CN': '请去掉该字段。' },
  )
}
