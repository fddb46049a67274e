import type { Attribution } from '../../api/data-driven.ts'
import type { Locale } from '../../errors.ts'
import { DATA_FLOOR } from '../../model/data-models.ts'
import { defineCommand } from '../command.ts'
import { type Figures, figuresFor } from '../figures.ts'
import { table } from '../table.ts'
import { PERIOD, READING, RESAMPLING } from './report.ts'

const { conversions, paths } = DATA_FLOOR

export default defineCommand({
  name: 'models',
  usage: '[--model M] [--from D] [--to D] [--interval N] [--json]',
  summary: {
    en: 'Which attribution models a period has the data for, and what Markov and Shapley make of it',
    'zh-CN': '查看某期间的数据可用哪些归因模型，以及马尔可夫与沙普利的结果',
  },
  notes: {
    en: `Data-driven models need ${conversions} won deals with a touch, and ${paths} journeys of each channel. Rule models need nothing.`,
    'zh-CN': `数据驱动模型需要 ${conversions} 笔有触点的成交，且每个渠道有 ${paths} 条旅程；规则模型没有要求。`,
  },
  examples: ['models', 'models --model markov,shapley --from 2026-01-01 --interval 200', 'models --json'],
  options: {
    model: {
      type: 'string',
      value: 'LIST',
      help: {
        en: 'data-driven models, with commas (default: all)',
        'zh-CN': '数据驱动模型，用逗号分隔（默认：全部）',
      },
    },
    from: PERIOD.from,
    to: PERIOD.to,
    'date-basis': READING['date-basis'],
    ...RESAMPLING,
  },
  async run({ options, workspace, locale: asked, json, output, open }) {
    const session = await open()
    const { model, from, to, interval, seed } = options
    const ask = { workspace, locale: asked, model, from, to, date_basis: options['date-basis'], interval, seed }
    const answer = await session.call('attribution', ask as object)
    if (json) await output.json(answer)
    else {
      const locale = asked ?? ((await session.call('settings', { workspace })).settings.locale as Locale)
      await output.data(describe(answer, locale))
    }
    return undefined
  },
})

const WORDS = {
  en: {
    journeys: (all: string, won: string, value: string) =>
      `${all} journeys, ${won} won deals with a touch, worth ${value}`,
    untouched: 'won deals without a touch are in no journey',
    rules: 'Rule models, always available',
    available: 'available',
    deals: 'won deals with a touch',
    paths: 'channels on fewer journeys than',
    probability: 'P(won)',
    drawn: 'estimated from seeded orders of the channels:',
    columns: ['Channel', 'Weight', 'Won', 'Value', 'Removal effect'],
  },
  'zh-CN': {
    journeys: (all: string, won: string, value: string) => `${all} 条旅程，${won} 笔有触点的成交，金额 ${value}`,
    untouched: '笔成交没有触点，不在任何旅程中',
    rules: '规则模型，始终可用',
    available: '可用',
    deals: '笔有触点的成交',
    paths: '旅程过少的渠道，每个需要',
    probability: '成交概率',
    drawn: '由固定种子的渠道顺序估计，次数：',
    columns: ['渠道', '权重', '成交', '金额', '移除效应'],
  },
} as const

function describe(answer: Attribution, locale: Locale): string {
  const words = WORDS[locale]
  const { count, money } = figuresFor(locale)
  const { currency, untouched } = answer
  const rules = answer.models.filter(({ kind }) => kind === 'rule').map(({ id }) => id)
  const data = answer.models.filter(({ kind }) => kind === 'data')
  return [
    `${words.journeys(count(answer.journeys), count(answer.conversions), `${money(answer.value)} ${currency}`)}\n`,
    untouched.conversions > 0 ? `${count(untouched.conversions)} ${words.untouched}\n` : '',
    `\n✓ ${words.rules}: ${rules.join(', ')}\n`,
    ...data.map((model) => described(model, locale)),
  ].join('')
}

function described(model: Attribution['models'][number], locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { count, percent } = figures
  if (!model.available) {
    const { have, need, thin } = model
    const missing =
      have === undefined || need === undefined
        ? `${words.paths} ${thin?.need}: ${(thin?.channels ?? []).map(({ label, have }) => `${label} ${count(have)}`).join(', ')}`
        : `${count(have)}/${count(need)} ${words.deals}`
    return `✗ ${model.id}: ${missing}\n`
  }
  const { result } = model
  if (!result) return `✓ ${model.id}: ${words.available}\n`
  const remarks = [
    result.probability === null ? '' : `${words.probability} ${percent(result.probability * 100)}`,
    result.orders === null ? '' : `${words.drawn} ${count(result.orders)}`,
  ].filter(Boolean)
  const columns = words.columns.map((title, i) => ({ title, align: i === 0 ? ('left' as const) : ('right' as const) }))
  const rows = result.channels.map((channel) => cells(channel, figures))
  return `\n✓ ${[model.id, ...remarks].join(' · ')}\n\n${table(columns, rows)}\n`
}

type Channel = NonNullable<Attribution['models'][number]['result']>['channels'][number]

function cells({ label, weight, conversions, value, removal_effect, interval }: Channel, figures: Figures): string[] {
  const { count, money, percent } = figures
  return [
    label,
    percent(weight * 100),
    count(conversions) + (interval ? ` (${count(interval.low)}–${count(interval.high)})` : ''),
    money(value),
    removal_effect === null ? '' : percent(removal_effect * 100),
  ]
}
