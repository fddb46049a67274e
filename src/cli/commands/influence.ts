import type { Influence, InfluenceLine } from '../../api/influence.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { columnsOf } from '../entries.ts'
import { figuresFor } from '../figures.ts'
import { BASIS, headline, languageOf, noArguments, orReason, QUESTION } from '../questions.ts'
import { table } from '../table.ts'

const OPTIONS = { ...QUESTION, ...BASIS } as const satisfies Options

export default defineCommand({
  name: 'influence',
  usage: '[--by DIMENSION] [--basis R] [--from D] [--to D] [--json]',
  summary: {
    en: 'What campaigns sourced (adds up), influenced (does not) and assisted',
    'zh-CN': '营销活动直接产生（可相加）、影响（不可相加）与助攻的成果',
  },
  notes: {
    en: 'Sourced: the first eligible touch is the campaign’s. Influenced: any eligible touch is. Assisted: it touched, another touched last.\n--by campaign unless asked otherwise.',
    'zh-CN':
      '直接产生：首个有效触点属于该活动。影响：任一有效触点属于该活动。助攻：有触点但末次触点属于他者。\n默认 --by campaign。',
  },
  examples: ['influence', 'influence --by channel --from 2026-01-01 --to 2026-07-01', 'influence --json'],
  options: OPTIONS,
  async run(call) {
    const { positionals, options, workspace, locale, json, output, open } = call
    noArguments('influence', positionals)
    const { by, from, to, basis } = options
    const session = await open()
    const answer = await session.call('influence', { workspace, locale, by, from, to, revenue_basis: basis } as object)
    if (json) await output.json(answer)
    else await output.data(asText(answer, await languageOf(call, session)))
    return undefined
  },
})

const WORDS = {
  en: {
    lines: ['', 'Leads>', 'Opportunities>', 'Won>', 'Pipeline>', 'Revenue>'],
    assists: ['', 'Leads>', 'Opportunities>', 'Won>', 'Touches>', 'First>', 'Middle>', 'Last>', 'Only>'],
    sourced: 'Sourced (first eligible touch; adds up)',
    influenced: 'Influenced (any eligible touch)',
    assisted: 'Assists (touched, but not last) and places of touches on won journeys',
  },
  'zh-CN': {
    lines: ['', '线索>', '商机>', '成交>', '商机金额>', '收入>'],
    assists: ['', '线索>', '商机>', '成交>', '触点>', '首次>', '中间>', '末次>', '唯一>'],
    sourced: '直接产生（首个有效触点；可相加）',
    influenced: '影响（任一有效触点）',
    assisted: '助攻（有触点但非末次）及成交路径上的触点位置',
  },
} as const

function asText({ query, currency, sourced, influenced, assists }: Influence, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { count, money, percent } = figures
  const cells = ({ label, leads, opportunities, won, pipeline, revenue }: InfluenceLine) => [
    label,
    count(leads),
    count(opportunities),
    count(won),
    money(pipeline),
    money(revenue),
  ]
  const share = (value: number | null) => orReason(value, percent, figures, 'no_deals')
  return [
    headline(query, query.by, currency, query.revenue_basis),
    `${words.sourced}\n`,
    table(columnsOf(words.lines), sourced.rows.map(cells), [cells(sourced.total), cells(sourced.unattributed)]),
    `\n${words.influenced}\n`,
    table(columnsOf(words.lines), influenced.rows.map(cells)),
    `! ${influenced.note}\n\n${words.assisted}\n`,
    table(
      columnsOf(words.assists),
      assists.rows.map(({ label, leads, opportunities, won, touches, first, middle, last, only }) => [
        label,
        count(leads),
        count(opportunities),
        count(won),
        count(touches),
        share(first),
        share(middle),
        share(last),
        share(only),
      ]),
    ),
    `! ${assists.note}\n`,
  ].join('')
}
