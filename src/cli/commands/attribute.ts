import { resolve } from 'node:path'
import type { AttributeResult } from '../../attribution/attribute-file/index.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'

export default defineCommand({
  name: 'attribute',
  usage: 'FILE [--models all|LIST] [--half-life D] [--interval N] [--json]',
  summary: {
    en: 'Attribute a CSV of journeys or paths, without a database',
    'zh-CN': '对旅程或路径 CSV 文件做归因，不使用数据库',
  },
  notes: {
    en: 'Columns: journey_id,seq,ts,channel,converted_at,value, or path,total_conversions,total_conversion_value,total_null.',
    'zh-CN':
      '列：journey_id,seq,ts,channel,converted_at,value，或 path,total_conversions,total_conversion_value,total_null。',
  },
  examples: [
    'attribute touches.csv --models all --json',
    'attribute paths.csv --models markov_1,shapley --interval 200',
  ],
  options: {
    models: {
      type: 'string',
      value: 'LIST',
      help: { en: 'all (default), or model ids with commas', 'zh-CN': 'all（默认），或用逗号分隔的模型' },
    },
    'half-life': {
      type: 'string',
      value: 'D',
      help: { en: 'days of time decay (default 7)', 'zh-CN': '时间衰减半衰期天数（默认 7）' },
    },
    interval: {
      type: 'string',
      value: 'N',
      help: { en: 'intervals from N resamples (default: none)', 'zh-CN': '用 N 次重抽样计算区间（默认不计算）' },
    },
    seed: {
      type: 'string',
      value: 'N',
      help: { en: 'seed of the resamples (default 1)', 'zh-CN': '重抽样的随机种子（默认 1）' },
    },
  },
  async run({ positionals, options, locale, json, output, signal }) {
    const [file, ...more] = positionals
    if (!file || more.length > 0) {
      throw usage(
        'missing_file',
        { en: 'attribute needs one file.', 'zh-CN': 'attribute 需要一个文件。' },
        { en: 'Write "attribute FILE".', 'zh-CN': '请写成 “attribute FILE”。' },
      )
    }
    const { attributeFile } = await import('../../attribution/attribute-file/index.ts')
    const result = await attributeFile({
      file: resolve(file),
      models: options.models ?? 'all',
      halfLifeDays: numberOf('--half-life', options['half-life']),
      interval: numberOf('--interval', options.interval),
      seed: numberOf('--seed', options.seed),
      locale: locale ?? output.locale,
      signal,
    })
    if (json) await output.json(result)
    else {
      for (const warning of result.warnings) output.say({ en: `! ${warning}`, 'zh-CN': `! ${warning}` })
      await output.data(asTable(result, output.locale))
    }
    return undefined
  },
})

/** @throws RoiError `bad_number` */
function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  throw usage(
    'bad_number',
    { en: `${option} needs a number.`, 'zh-CN': `${option} 需要一个数字。` },
    { en: `Write ${option} 7.`, 'zh-CN': `例如 ${option} 7。` },
  )
}

const WORDS = {
  en: { channel: 'Channel', conversions: 'conversions', value: 'value', journeys: 'journeys' },
  'zh-CN': { channel: '渠道', conversions: '转化', value: '价值', journeys: '旅程' },
} as const

/** One row for each channel, one column of conversions for each model. */
function asTable(result: AttributeResult, locale: Locale): string {
  const words = WORDS[locale]
  const { count } = figuresFor(locale)
  const models = [...new Set(result.rows.map((row) => row.model))]
  const channels = [...new Set(result.rows.map((row) => row.channel))]
  const cell = (channel: string, model: string) => {
    const row = result.rows.find((row) => row.channel === channel && row.model === model)
    if (!row) return ''
    const range = row.low === undefined || row.high === undefined ? '' : ` (${count(row.low)}–${count(row.high)})`
    return count(row.conversions) + range
  }
  const columns = [{ title: words.channel }, ...models.map((title) => ({ title, align: 'right' as const }))]
  const rows = channels.map((channel) => [channel, ...models.map((model) => cell(channel, model))])
  const { journeys, conversions, value } = result
  const head = `${count(journeys)} ${words.journeys} · ${count(conversions)} ${words.conversions} · ${words.value} ${count(value)}`
  return `${head}\n\n${table(columns, rows)}`
}
