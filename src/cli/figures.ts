import type { Reason } from '../api.ts'
import type { Locale, Text } from '../errors.ts'

/** Why a figure is n/a, in words. */
const REASONS: Readonly<Record<Reason, Text>> = {
  no_cost: { en: 'no cost', 'zh-CN': '无成本' },
  zero_cost: { en: 'zero cost', 'zh-CN': '成本为零' },
  no_media: { en: 'no media cost', 'zh-CN': '无媒体费用' },
  no_leads: { en: 'no leads', 'zh-CN': '无线索' },
  no_mqls: { en: 'no MQLs', 'zh-CN': '无 MQL' },
  no_sqls: { en: 'no SQLs', 'zh-CN': '无 SQL' },
  no_opportunities: { en: 'no opportunities', 'zh-CN': '无商机' },
  no_deals: { en: 'no deals', 'zh-CN': '无成交' },
  no_revenue: { en: 'no revenue', 'zh-CN': '无收入' },
  no_prior: { en: 'no prior period', 'zh-CN': '无上期' },
  no_budget: { en: 'no budget', 'zh-CN': '无预算' },
  no_target: { en: 'no target', 'zh-CN': '无目标' },
  not_started: { en: 'not started', 'zh-CN': '尚未开始' },
  prior_not_positive: { en: 'prior not above 0', 'zh-CN': '上期不大于 0' },
  no_product_cost: { en: 'product cost unknown', 'zh-CN': '产品成本未知' },
  no_churn: { en: 'nobody left', 'zh-CN': '无流失' },
  not_reached: { en: 'not reached', 'zh-CN': '未达到' },
  no_feedback: { en: 'no feedback', 'zh-CN': '无反馈' },
  no_impressions: { en: 'no impressions', 'zh-CN': '无曝光' },
  no_clicks: { en: 'no clicks', 'zh-CN': '无点击' },
  zero_denominator: { en: 'division by 0', 'zh-CN': '分母为 0' },
  out_of_range: { en: 'too large', 'zh-CN': '数值过大' },
  fx_missing: { en: 'rate missing', 'zh-CN': '缺汇率' },
  not_enough_data: { en: 'not enough data', 'zh-CN': '数据不足' },
  no_access: { en: 'no access', 'zh-CN': '无权限' },
}
const NA = { en: 'n/a', 'zh-CN': '不适用' } as const

/** Writes figures as people of a language read them. Rounding is half away from zero and happens only here. */
export interface Figures {
  money(value: string): string
  count(value: number): string
  percent(value: number): string
  ratio(value: number): string
  /** One decimal, without the word. */
  days(value: number): string
  missing(reason: Reason | null | undefined): string
}

export function figuresFor(locale: Locale): Figures {
  const formats = new Map<string, Intl.NumberFormat>()
  const format = (minimum: number, maximum: number) => {
    const key = `${minimum}-${maximum}`
    const known = formats.get(key)
    if (known) return known
    const made = new Intl.NumberFormat(locale, { minimumFractionDigits: minimum, maximumFractionDigits: maximum })
    formats.set(key, made)
    return made
  }
  return {
    money(value) {
      const digits = value.split('.')[1]?.length ?? 0
      // The text itself is formatted: as a number it would lose digits from 2^53 on.
      return format(digits, digits).format(value as Intl.StringNumericLiteral)
    },
    count: (value) => format(0, 2).format(value),
    percent: (value) => `${Math.abs(value) >= 1000 ? format(0, 0).format(value) : format(1, 1).format(value)} %`,
    ratio: (value) => format(2, 2).format(value),
    days: (value) => format(1, 1).format(value),
    missing: (reason) => (reason ? `${NA[locale]} (${REASONS[reason][locale]})` : NA[locale]),
  }
}
