import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { asTable } from '../report-table.ts'

/** Options that `report` and `explain` share. */
export const PERIOD = {
  model: {
    type: 'string',
    value: 'M',
    help: { en: 'attribution model (default: the workspace setting)', 'zh-CN': '归因模型（默认：工作区设置）' },
  },
  from: { type: 'string', value: 'D', help: { en: 'first day, such as 2026-01-01', 'zh-CN': '首日，如 2026-01-01' } },
  to: {
    type: 'string',
    value: 'D',
    help: { en: 'first day after the period', 'zh-CN': '结束日（不含当日）' },
  },
} as const satisfies Options

/** Options that say which part of the data is looked at, by which dates, and what revenue is. */
export const READING = {
  'date-basis': {
    type: 'string',
    value: 'B',
    help: {
      en: 'what dates credit: close (default), created (opportunity), touch, cohort (customer acquired)',
      'zh-CN': '统计时间口径：close（成交，默认）、created（商机创建）、touch（触点）、cohort（获客批次）',
    },
  },
  basis: {
    type: 'string',
    value: 'R',
    help: {
      en: 'revenue: booked, invoiced or cash (default: the workspace setting)',
      'zh-CN': '收入口径：booked 签约、invoiced 开票、cash 回款（默认：工作区设置）',
    },
  },
  where: {
    type: 'string',
    value: 'DIMENSION:VALUE|VALUE',
    multiple: true,
    help: {
      en: 'only these, such as channel:google_ads|baidu_ads; several conditions must all hold',
      'zh-CN': '只看这些，如 channel:google_ads|baidu_ads；多个条件须同时满足',
    },
  },
  segment: {
    type: 'string',
    value: 'NAME',
    help: { en: 'only a saved segment (see "segments")', 'zh-CN': '只看已保存的分群（见 segments）' },
  },
} as const satisfies Options

/** Options of what is drawn under a data-driven model. */
export const RESAMPLING = {
  interval: {
    type: 'string',
    value: 'N',
    help: {
      en: 'data-driven models by channel: 95 % intervals from N resamples, at most 1000',
      'zh-CN': '数据驱动模型按渠道：用 N 次重抽样计算 95% 区间，最多 1000 次',
    },
  },
  seed: {
    type: 'string',
    value: 'N',
    help: { en: 'seed of everything drawn (default 1)', 'zh-CN': '抽样的随机种子（默认 1）' },
  },
} as const satisfies Options

/** The same as parts of a request. */
export function readingOf(options: {
  readonly 'date-basis'?: string | undefined
  readonly basis?: string | undefined
  readonly where?: readonly string[] | undefined
  readonly segment?: string | undefined
}) {
  const { basis, where, segment } = options
  return { date_basis: options['date-basis'], revenue_basis: basis, where: where?.length ? where : undefined, segment }
}

/** `channel,month`: one or two dimensions. */
export function dimensionsOf(by: string | undefined) {
  const [first, second, ...rest] = (by ?? '').split(',').map((part) => part.trim())
  return { by: first || undefined, by2: second === undefined ? undefined : [second, ...rest].join(',') }
}

export default defineCommand({
  name: 'report',
  usage: '[--by DIMENSION[,DIMENSION]] [--model M] [--from D] [--to D] [--json]',
  summary: {
    en: 'Cost, leads, customers, revenue and ROI by channel, campaign …',
    'zh-CN': '按渠道、活动等列出成本、线索、客户、收入与 ROI',
  },
  notes: {
    en: 'Models: the rule models, and markov_1 (markov), markov_2, markov_3, shapley_s1 (shapley), shapley_s6 above the data floor; "roi-panel models" says which.',
    'zh-CN':
      '模型：规则模型，以及数据量达到下限时的 markov_1（markov）、markov_2、markov_3、shapley_s1（shapley）、shapley_s6；可用 “roi-panel models” 查看。',
  },
  examples: [
    'report',
    'report --by campaign --model time_decay --from 2026-01-01 --to 2026-07-01',
    'report --by channel,month --basis cash --date-basis cohort',
    'report --where online:offline --json',
    'report --model markov --interval 200',
  ],
  options: {
    by: {
      type: 'string',
      value: 'DIMENSION',
      help: {
        en: 'channel (default), campaign, parent, type, region, product_line, department, tier, brand, online, month; or two of them',
        'zh-CN':
          'channel（默认）、campaign、parent、type、region、product_line、department、tier、brand、online、month；可取其中两个',
      },
    },
    ...PERIOD,
    ...READING,
    ...RESAMPLING,
    manifest: {
      type: 'boolean',
      help: {
        en: 'with --json: also what it was made from (versions and hashes)',
        'zh-CN': '与 --json 合用：附上报表的依据（版本与哈希）',
      },
    },
  },
  async run({ options, workspace, locale, json, output, open }) {
    const session = await open()
    const ask = {
      workspace,
      locale,
      ...dimensionsOf(options.by),
      ...readingOf(options),
      model: options.model,
      from: options.from,
      to: options.to,
      interval: options.interval,
      seed: options.seed,
      manifest: options.manifest,
    }
    const report = await session.call('report', ask as object)
    if (json) await output.json(report)
    else
      await output.data(
        asTable(report, locale ?? ((await session.call('settings', { workspace })).settings.locale as Locale)),
      )
    return undefined
  },
})
