import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Config, loadConfig } from '../../config.ts'
import { RoiError } from '../../errors.ts'
import { findOwner } from '../../server/owner.ts'
import { findWorkspace } from '../../server/workspaces.ts'
import { keysMissing } from '../../state/key-list.ts'
import type { Stores, TransferProgress, TransferResult } from '../../sync/transfer/transfer.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { usage } from '../parse.ts'
import { placeOf } from '../place.ts'

const OPTIONS = {
  to: {
    type: 'string',
    value: 'URL|DIR',
    help: { en: 'postgres://… or a data directory, empty', 'zh-CN': 'postgres://… 或数据目录，须为空' },
  },
  'dry-run': { type: 'boolean', help: { en: 'count only, write nothing', 'zh-CN': '只统计，不写入' } },
} as const satisfies Options

export default defineCommand({
  name: 'migrate',
  usage: '--to postgres://…|DIR [--workspace W|all] [--dry-run]',
  summary: {
    en: 'Copy everything to PostgreSQL or back to files, and check that the figures are equal',
    'zh-CN': '将全部数据迁移到 PostgreSQL 或迁回文件，并核对数字一致',
  },
  notes: {
    en: 'From the data directory, or from ROI_PANEL_DATABASE_URL when that is set. The source is not changed. Until all is\nchecked, nothing opens the target; after an interruption run the same command again. A PostgreSQL target needs\nROI_PANEL_KEYS ("keys generate"); a password can be left out of the URL and given as PGPASSWORD.',
    'zh-CN':
      '源为数据目录；设置了 ROI_PANEL_DATABASE_URL 时，源为该数据库。源数据不会被更改。核对完成前目标不可使用；\n中断后请重新运行同一命令。迁移到 PostgreSQL 需要 ROI_PANEL_KEYS（见 “keys generate”）；URL 中可省略密码，改用 PGPASSWORD 提供。',
  },
  examples: ['migrate --to postgres://roi@db.example.com/roi --dry-run', 'migrate --to ./data-2'],
  options: OPTIONS,
  async run(invocation) {
    const { json, output, options } = invocation
    if (options.to === undefined || invocation.positionals.length > 0) throw badUsage()
    const only = onlyWorkspace(invocation)
    const { config } = placeOf(loadConfig(undefined, { dataDir: invocation.data }), only ?? '')
    const target = targetOf(options.to)
    await check(config, target)
    const result = await move(config, options['dry-run'] ? undefined : target, only, invocation)
    if (json) await output.json(result)
    else tell(result, target, output)
    return undefined
  },
})

type Target = { readonly url: string } | { readonly dir: string }

const isUrl = (text: string) => /^postgres(ql)?:\/\//.test(text)

function targetOf(to: string): Target {
  if (isUrl(to)) return { url: to }
  // Never repeated: another kind of URL may hold a password all the same.
  if (/^[a-z][a-z+]+:\/\//i.test(to)) throw badUsage()
  return { dir: resolve(to) }
}

/** `--workspace`, which here has no default. */
function onlyWorkspace({ options }: Invocation<typeof OPTIONS>): string | undefined {
  const given = (options as { workspace?: string }).workspace
  return given === 'all' ? undefined : given
}

/** Refuses what a server has open, and a target that is the source. */
async function check(config: Config, target: Target): Promise<void> {
  const source = config.databaseUrl ?? config.dataDir
  if (source === ('url' in target ? target.url : target.dir)) throw sameStore()
  if (!config.databaseUrl && !existsSync(join(config.dataDir, 'state.sqlite'))) throw noData(config.dataDir)
  if ((config.databaseUrl || 'url' in target) && !config.keys) throw keysMissing()
  const folders = [...(config.databaseUrl ? [] : [config.dataDir]), ...('dir' in target ? [target.dir] : [])]
  for (const folder of folders) if (await findOwner(folder)) throw inUse(folder)
}

async function move(
  config: Config,
  target: Target | undefined,
  only: string | undefined,
  { output, signal }: Pick<Invocation, 'output' | 'signal'>,
): Promise<TransferResult> {
  const { openEmbedded, openServer } = await import('../../sync/transfer/stores.ts')
  const { transfer } = await import('../../sync/transfer/transfer.ts')
  const { allReports: figures } = await import('../all-reports.ts')
  const { databaseUrl, dataDir, keys } = config
  await using from = databaseUrl ? await openServer(databaseUrl, keys!, dataDir) : await openEmbedded(dataDir)
  const workspaces = only === undefined ? undefined : [await findWorkspace(from.state, only)]
  const options = {
    workspaces,
    signal,
    figures,
    onProgress: ({ step, workspace, what, rows, total }: TransferProgress) =>
      output.progress({ task: `${workspace} ${step} ${what}`.trim(), rows, part: total > 0 ? rows / total : null }),
  }
  const run = (to: Stores | undefined) => transfer(from, to, options)
  if (!target) return await run(undefined)
  await using to = 'url' in target ? await openServer(target.url, keys!, dataDir) : await openEmbedded(target.dir)
  return await run(to)
}

function tell(result: TransferResult, target: Target, output: Invocation['output']): void {
  for (const { workspace, rows, secrets, reports } of result.workspaces) {
    const all = Object.values(rows).reduce((sum, count) => sum + count, 0)
    const { contact = 0, touch = 0, deal = 0, import_run = 0, connection = 0 } = rows
    output.say({
      en: `${workspace}: ${all} rows (${contact} contacts, ${touch} touches, ${deal} deals, ${import_run} imports, ${connection} connections), ${secrets} secrets${result.dry_run ? '' : `; ${reports} reports equal`}`,
      'zh-CN': `${workspace}：${all} 行（联系人 ${contact}，触点 ${touch}，商机 ${deal}，导入 ${import_run}，连接 ${connection}），机密信息 ${secrets} 项${result.dry_run ? '' : `；${reports} 份报表一致`}`,
    })
  }
  if (result.files_missing > 0) {
    output.warn({
      en: `${result.files_missing} kept import files are gone or damaged; their imports cannot be undone or rebuilt.`,
      'zh-CN': `有 ${result.files_missing} 个保存的导入文件缺失或损坏；相关导入无法撤销或重建。`,
    })
  }
  if (result.dry_run) output.say({ en: 'Nothing was written (--dry-run).', 'zh-CN': '未写入任何数据（--dry-run）。' })
  else output.say('url' in target ? USE_DATABASE : useDirectory(target.dir))
}

const USE_DATABASE = {
  en: 'All is copied and checked. To work there, set ROI_PANEL_DATABASE_URL to that URL, beside ROI_PANEL_KEYS, and keep\nthe data directory: it holds the import files. Without the variable the old store is used, unchanged.',
  'zh-CN':
    '全部数据已复制并核对。要使用新存储，请将 ROI_PANEL_DATABASE_URL 设为该 URL（并保留 ROI_PANEL_KEYS），同时保留数据目录：\n其中有导入文件。不设置该变量则继续使用未改变的原存储。',
}

function useDirectory(dir: string) {
  return {
    en: `All is copied and checked. To work there, unset ROI_PANEL_DATABASE_URL and set ROI_PANEL_DATA (or --data) to ${dir}.`,
    'zh-CN': `全部数据已复制并核对。要使用新存储，请取消设置 ROI_PANEL_DATABASE_URL，并将 ROI_PANEL_DATA（或 --data）设为 ${dir}。`,
  }
}

function badUsage() {
  return usage(
    'bad_migrate_command',
    { en: 'migrate needs --to.', 'zh-CN': 'migrate 需要 --to。' },
    {
      en: 'Write "migrate --to postgres://user@host/database" or "migrate --to DIR".',
      'zh-CN': '请写成 “migrate --to postgres://用户@主机/数据库” 或 “migrate --to 目录”。',
    },
  )
}

function sameStore(): RoiError {
  return new RoiError(
    'usage',
    'same_store',
    { en: 'The target is the store that is in use now.', 'zh-CN': '迁移目标就是当前使用的存储。' },
    {
      en: 'To migrate from the data directory, unset ROI_PANEL_DATABASE_URL first; otherwise name another target.',
      'zh-CN': '若要从数据目录迁移，请先取消设置 ROI_PANEL_DATABASE_URL；否则请指定其他目标。',
    },
  )
}

function noData(dir: string): RoiError {
  return new RoiError(
    'not_found',
    'no_data',
    { en: `There is nothing to migrate in ${dir}.`, 'zh-CN': `${dir} 中没有可迁移的数据。` },
    { en: 'Name the data directory with --data DIR.', 'zh-CN': '请用 --data DIR 指定数据目录。' },
  )
}

function inUse(dir: string): RoiError {
  return new RoiError(
    'unavailable',
    'store_in_use',
    { en: `A server has ${dir} open.`, 'zh-CN': `${dir} 正被运行中的服务使用。` },
    { en: 'Stop it, then migrate.', 'zh-CN': '请先停止该服务，再进行迁移。' },
  )
}
