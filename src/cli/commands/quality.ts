import type { QualityRows, QualityScore } from '../../api/quality.ts'
import { type Locale, RoiError } from '../../errors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  min: {
    type: 'string',
    value: 'SCORE',
    help: { en: 'exit with 5 when the score is below it', 'zh-CN': '分数低于该值时以退出码 5 结束' },
  },
  limit: {
    type: 'string',
    value: 'N',
    help: { en: 'records to list behind a check (default 50)', 'zh-CN': '列出的记录数（默认 50）' },
  },
  offset: {
    type: 'string',
    value: 'N',
    help: { en: 'records to pass over', 'zh-CN': '跳过的记录数' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'quality',
  usage: '[CHECK] [--min SCORE]',
  summary: {
    en: 'Data quality from 0 to 100, what was found by the money it touches, and the records behind it',
    'zh-CN': '数据质量分（0–100）、按涉及金额排列的问题，以及背后的记录',
  },
  notes: {
    en: 'The score is the mean of completeness, validity, uniqueness, timeliness and linkage, each the mean of its checks.\nCHECK lists the records behind one. A running server checks daily and after every import and sync.',
    'zh-CN':
      '总分为完整性、有效性、唯一性、及时性、关联性的平均值，各项为其检查的平均值。\nCHECK 列出某项检查背后的记录。服务运行时每日及每次导入、同步后自动检查。',
  },
  examples: ['quality', 'quality touch_without_campaign --limit 20', 'quality --min 90 --json'],
  options: OPTIONS,
  run: (invocation) => quality(invocation as Call),
})

async function quality(invocation: Call): Promise<undefined> {
  const { positionals, options, workspace, locale, json, output, open } = invocation
  const [code, ...more] = positionals
  if (more.length > 0) throw badUsage()
  const gate = options.min === undefined ? undefined : gateOf(options.min)
  const session = await open()
  const scope = { workspace, locale: locale ?? output.locale }
  if (code !== undefined) {
    const page = { ...(options.limit && { limit: options.limit }), ...(options.offset && { offset: options.offset }) }
    const found = await session.call('quality_rows', { ...scope, code, ...page })
    return json
      ? output.json(found).then(() => undefined)
      : output.data(listOf(found, output.locale)).then(() => undefined)
  }
  const found = await session.call('quality_check', scope)
  if (json) await output.json(found)
  else await output.data(describe(found, output.locale))
  if (gate !== undefined && found.score !== null && found.score < gate) throw belowGate(found.score, gate)
  return undefined
}

const WORDS = {
  en: {
    score: 'Data quality',
    none: 'n/a: there is nothing to check',
    sides: ['', 'Score', 'Checked', 'Failed'],
    found: ['Check', 'Found', 'Money', 'What'],
    rows: ['Type', 'Source', 'ID', 'Name', 'Money'],
  },
  'zh-CN': {
    score: '数据质量分',
    none: '不适用：暂无可检查的数据',
    sides: ['', '分数', '检查数', '未通过'],
    found: ['检查', '数量', '金额', '说明'],
    rows: ['类型', '来源', '编号', '名称', '金额'],
  },
} as const

const right = (titles: readonly string[], from: number, to: number) =>
  titles.map((title, i) => ({ title, align: i >= from && i < to ? ('right' as const) : ('left' as const) }))

function describe({ score, dimensions, checks, findings, currency }: QualityScore, locale: Locale): string {
  const words = WORDS[locale]
  const { count, money } = figuresFor(locale)
  const points = (value: number | null) => (value === null ? '–' : (Math.floor(value * 10) / 10).toFixed(1))
  const sides = dimensions.map(({ dimension, label, score }) => {
    const mine = checks.filter((check) => check.dimension === dimension)
    const sum = (field: 'checked' | 'failed') => count(mine.reduce((total, check) => total + check[field], 0))
    return [label, points(score), sum('checked'), sum('failed')]
  })
  const found = findings.map((one) => [
    one.code,
    count(one.count),
    one.money === null ? '–' : `${money(one.money)} ${currency}`,
    one.message,
  ])
  return [
    `${words.score}: ${score === null ? words.none : points(score)}\n\n`,
    table(right(words.sides, 1, 4), sides),
    ...(found.length > 0 ? ['\n', table(right(words.found, 1, 3), found)] : []),
  ].join('')
}

function listOf({ message, rows, count: all, currency, next }: QualityRows, locale: Locale): string {
  const words = WORDS[locale]
  const { count, money } = figuresFor(locale)
  const lines = rows.map(({ type, source, id, name, money: touched }) => [
    type,
    source,
    plain(id),
    plain(name ?? '–'),
    touched === null ? '–' : `${money(touched)} ${currency}`,
  ])
  return [
    `${message} (${count(all)})\n\n`,
    table(right(words.rows, 4, 5), lines),
    next === null ? '' : `… --offset ${next}\n`,
  ].join('')
}

function gateOf(text: string): number {
  const score = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && score <= 100) return score
  throw usage(
    'bad_gate',
    { en: '--min needs a score from 0 to 100.', 'zh-CN': '--min 需要 0 到 100 的分数。' },
    { en: 'Write --min 90.', 'zh-CN': '例如 --min 90。' },
  )
}

function belowGate(score: number, gate: number): RoiError {
  const shown = (Math.floor(score * 10) / 10).toFixed(1)
  return new RoiError(
    'quality',
    'quality_below',
    { en: `The data quality is ${shown}, below ${gate}.`, 'zh-CN': `数据质量分为 ${shown}，低于 ${gate}。` },
    {
      en: 'Run "quality CHECK" to see the records behind a check.',
      'zh-CN': '请运行 “quality 检查项” 查看背后的记录。',
    },
  )
}

function badUsage() {
  return usage(
    'bad_quality_command',
    { en: 'quality takes one check.', 'zh-CN': 'quality 只接受一项检查。' },
    { en: 'Write "quality" or "quality touch_without_campaign".', 'zh-CN': '例如 “quality touch_without_campaign”。' },
  )
}
