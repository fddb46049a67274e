import type { Report } from '../../api.ts'
import { authorText } from '../authors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { instant } from '../connections.ts'
import { usage } from '../parse.ts'
import { asTable } from '../report-table.ts'
import { changeLines } from '../shown.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'
import { dimensionsOf, PERIOD, READING, readingOf } from './report.ts'

const OPTIONS = {
  name: {
    type: 'string',
    value: 'N',
    help: { en: 'what people call it, for save', 'zh-CN': '名称（用于 save）' },
  },
  by: {
    type: 'string',
    value: 'DIMENSION',
    help: { en: 'as report --by, for save', 'zh-CN': '同 report --by（用于 save）' },
  },
  ...PERIOD,
  ...READING,
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'runs',
  usage: 'save [--name N] [REPORT OPTIONS] | list | show ID',
  summary: {
    en: 'Save a report with everything it was made from; open it later with its old numbers',
    'zh-CN': '保存报表及其依据；以后可按当时的数字打开',
  },
  notes: {
    en: 'A saved report keeps its numbers and settings whatever changes; show says what changed since.',
    'zh-CN': '无论之后如何变化，已保存的报表保留当时的数字与设置；show 会列出之后的变化。',
  },
  examples: [
    'runs save --name "June, as reported" --by channel --from 2026-06-01 --to 2026-07-01',
    'runs list',
    'runs show run_0mcx1k2p9a1b2c3d4',
  ],
  options: OPTIONS,
  run: (invocation) => runs(invocation as Call),
})

async function runs(invocation: Call): Promise<undefined> {
  const [action, id, ...more] = invocation.positionals
  if (action === 'save' && id === undefined) return save(invocation)
  if (action === 'list' && id === undefined) return list(invocation)
  if (action === 'show' && id !== undefined && more.length === 0) return show(invocation, id)
  throw badUsage()
}

async function save({ workspace, locale, options, json, output, open }: Call): Promise<undefined> {
  const ask = {
    workspace,
    locale,
    ...dimensionsOf(options.by),
    ...readingOf(options),
    model: options.model,
    from: options.from,
    to: options.to,
    name: options.name,
  }
  const saved = await (await open()).call('save_run', ask as object)
  if (json) return void (await output.json(saved))
  const { config_version, result_hash } = saved.manifest
  output.say({
    en: `Saved as ${saved.id}: configuration ${config_version}, sha256 ${result_hash.slice(0, 12)}….`,
    'zh-CN': `已保存为 ${saved.id}：配置版本 ${config_version}，sha256 ${result_hash.slice(0, 12)}…。`,
  })
}

const COLUMNS = {
  en: ['Run', 'Name', 'When', 'Who', 'By', 'Period', 'Configuration'],
  'zh-CN': ['编号', '名称', '时间', '操作者', '维度', '期间', '配置版本'],
} as const

async function list({ workspace, json, output, open }: Call): Promise<undefined> {
  const found = await (await open()).call('runs', { workspace })
  if (json) return void (await output.json(found))
  const { locale } = output
  if (found.runs.length === 0) {
    return output.say({ en: 'Nothing is saved yet.', 'zh-CN': '尚未保存报表。' }) as undefined
  }
  const rows = found.runs.map(({ id, name, at, author, manifest: { query, config_version } }) => [
    id,
    plain(name ?? '–'),
    instant(at, locale),
    authorText(author, locale),
    [query.by, query.by2].filter((dimension) => dimension !== undefined).join(', '),
    `${query.from ?? '…'} – ${query.to ?? '…'}`,
    String(config_version),
  ])
  await output.data(
    table(
      COLUMNS[locale].map((title) => ({ title })),
      rows,
    ),
  )
}

async function show({ workspace, json, output, open }: Call, id: string): Promise<undefined> {
  const found = await (await open()).call('run', { workspace, id })
  if (json) return void (await output.json(found))
  const { locale } = output
  const english = locale === 'en'
  const { since, configuration, manifest } = found
  const tables = since.data.tables.map(
    ({ table: name, rows_then, rows_now }) => `  ${name}: ${rows_then} → ${rows_now}\n`,
  )
  const app =
    manifest.app_version === since.app_version ? '' : `  roi-panel: ${manifest.app_version} → ${since.app_version}\n`
  const unchanged = english ? 'Nothing changed since.\n' : '此后没有变化。\n'
  const changed = english ? 'Changed since (this report stays as it was):\n' : '此后的变化（本报表保持不变）：\n'
  await output.data(
    [
      `${found.id}${found.name ? ` · ${plain(found.name)}` : ''} · ${instant(found.at, locale)} · ${authorText(found.author, locale)}\n`,
      `${english ? 'Configuration' : '配置版本'} ${configuration.version} · sha256 ${manifest.result_hash}\n\n`,
      asTable(found.result as Report, locale),
      `\n${since.changed ? changed : unchanged}`,
      app,
      changeLines(since.config.changes),
      ...tables,
    ].join(''),
  )
}

function badUsage() {
  return usage(
    'bad_runs_command',
    { en: 'runs needs "save", "list" or "show".', 'zh-CN': 'runs 需要 save、list 或 show。' },
    { en: 'Write "runs save --name NAME --by channel".', 'zh-CN': '例如 “runs save --name 名称 --by channel”。' },
  )
}
