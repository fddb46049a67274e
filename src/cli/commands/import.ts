import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ImportResult } from '../../api.ts'
import { RoiError } from '../../errors.ts'
import type { Invocation, Options } from '../command.ts'
import { defineCommand } from '../command.ts'
import type { Output } from '../output.ts'
import { usage } from '../parse.ts'
import { plain } from '../text.ts'

/** Refused rows printed for people; `--json` has the first thousand of each file. */
const SHOWN = 20
/** Some rows were refused, the others are kept (product.md §9). */
const PARTLY = 4

const OPTIONS = {
  type: {
    type: 'string',
    value: 'T',
    help: {
      en: 'what the files hold: campaigns, costs, contacts, accounts, touches, deals, payments, invoices, rates (default: told from the header)',
      'zh-CN':
        '文件内容：campaigns、costs、contacts、accounts、touches、deals、payments、invoices、rates（默认根据表头判断）',
    },
  },
  map: { type: 'string', value: 'FILE', help: { en: 'column mapping, JSON', 'zh-CN': '列映射 JSON 文件' } },
  'date-format': { type: 'string', value: 'F', help: { en: 'such as D/M/YYYY', 'zh-CN': '如 D/M/YYYY' } },
  'dry-run': { type: 'boolean', help: { en: 'check only, write nothing', 'zh-CN': '只检查，不写入' } },
  replace: {
    type: 'string',
    value: 'FROM..TO',
    help: {
      en: 'delete what earlier imports brought for these days (TO excluded) and these files lack',
      'zh-CN': '删除此前导入的、这些日期内（不含 TO）且本次文件中没有的行',
    },
  },
  undo: { type: 'string', value: 'IMPORT_ID', help: { en: 'take an import back', 'zh-CN': '撤销一次导入' } },
} as const satisfies Options

export default defineCommand({
  name: 'import',
  usage: 'DIR|FILE… [--type T] [--map FILE] [--date-format F] [--dry-run] [--replace FROM..TO] | --undo IMPORT_ID',
  summary: {
    en: 'Bring CSV and Excel files in; importing twice adds nothing',
    'zh-CN': '导入 CSV 与 Excel 文件；重复导入不会产生重复数据',
  },
  notes: {
    en: 'Good rows are kept, refused ones are named; the exit code is 4 when rows were refused.',
    'zh-CN': '正确的行会保留，被拒的行会逐条说明；有行被拒时退出码为 4。',
  },
  examples: ['import my-files/', 'import costs-june.csv --type costs --dry-run', 'import --undo imp_01'],
  options: OPTIONS,
  async run(invocation) {
    return invocation.options.undo === undefined ? bring(invocation) : takeBack(invocation, invocation.options.undo)
  },
})

async function bring({
  positionals,
  options,
  workspace,
  locale,
  json,
  output,
  signal,
  open,
}: Invocation<typeof OPTIONS>) {
  if (positionals.length === 0) {
    throw usage(
      'missing_file',
      { en: 'import needs a file or a directory.', 'zh-CN': 'import 需要文件或目录。' },
      { en: 'Write "import FILE" or "import DIR".', 'zh-CN': '请写成 “import 文件” 或 “import 目录”。' },
    )
  }
  const map = options.map === undefined ? undefined : await readJson(options.map)
  const replace = options.replace === undefined ? undefined : rangeOf(options.replace)
  const session = await open()
  const ask = {
    workspace,
    locale: locale ?? output.locale,
    files: positionals.map((path) => ({ path: resolve(path) })),
    type: options.type,
    date_format: options['date-format'],
    dry_run: options['dry-run'],
    map,
    replace,
  }
  const result = await session.call('import', ask as Parameters<typeof session.call<'import'>>[1], {
    signal,
    progress: (progress) => output.progress(progress),
  })
  if (json) await output.json(result)
  else tell(result, output)
  return result.files.some((file) => file.rejected_count > 0) ? PARTLY : 0
}

function tell(result: ImportResult, output: Output): void {
  for (const file of result.files) {
    const name = plain(file.file)
    output.say({
      en: `${name}: ${file.type}, ${file.rows} rows: ${file.imported} imported, ${file.unchanged} unchanged, ${file.rejected_count} refused${file.deleted ? `, ${file.deleted} deleted` : ''}`,
      'zh-CN': `${name}：${file.type}，共 ${file.rows} 行：导入 ${file.imported}，未变化 ${file.unchanged}，被拒 ${file.rejected_count}${file.deleted ? `，删除 ${file.deleted}` : ''}`,
    })
    for (const { line, column, message } of file.rejected.slice(0, SHOWN)) {
      const named = plain(column)
      output.say({
        en: `  ✗ line ${line}${named && `, ${named}`}: ${plain(message)}`,
        'zh-CN': `  ✗ 第 ${line} 行${named && `，${named}`}：${plain(message)}`,
      })
    }
    const more = file.rejected_count - Math.min(file.rejected.length, SHOWN)
    if (more > 0) output.say({ en: `  … ${more} more, see --json`, 'zh-CN': `  … 另有 ${more} 行，见 --json` })
    for (const { message, count } of file.findings) {
      const text = `  ! ${plain(message)}${count > 1 ? ` (${count})` : ''}`
      output.say({ en: text, 'zh-CN': text })
    }
  }
  if (result.dry_run) output.say({ en: 'Nothing was written (--dry-run).', 'zh-CN': '未写入任何数据（--dry-run）。' })
  else
    output.say({
      en: `Import ${result.id}; "import --undo ${result.id}" takes it back.`,
      'zh-CN': `导入编号 ${result.id}；可用 “import --undo ${result.id}” 撤销。`,
    })
}

async function takeBack(
  { positionals, workspace, json, output, signal, open }: Invocation<typeof OPTIONS>,
  id: string,
) {
  if (positionals.length > 0) {
    throw usage('undo_with_files', { en: '--undo takes no files.', 'zh-CN': '--undo 不接受文件。' })
  }
  const session = await open()
  const done = await session.call(
    'undo',
    { workspace, id },
    { signal, progress: (progress) => output.progress(progress) },
  )
  if (json) await output.json(done)
  else output.say({ en: `Import ${id} was taken back.`, 'zh-CN': `已撤销导入 ${id}。` })
  return 0
}

/** @throws RoiError `bad_range` */
function rangeOf(text: string): { from: string; to: string } {
  const [, from, to] = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text) ?? []
  if (from && to && from < to) return { from, to }
  throw usage(
    'bad_range',
    {
      en: '--replace needs two days, the first before the second.',
      'zh-CN': '--replace 需要两个日期，且前者早于后者。',
    },
    {
      en: 'Write --replace 2026-01-01..2026-02-01 (the last day is excluded).',
      'zh-CN': '例如 --replace 2026-01-01..2026-02-01（不含最后一天）。',
    },
  )
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new RoiError(
      'usage',
      'bad_mapping_file',
      { en: `The mapping file "${path}" is not readable JSON.`, 'zh-CN': `映射文件“${path}”不是可读的 JSON。` },
      { en: 'Check the path and the commas.', 'zh-CN': '请检查路径和 JSON 语法。' },
      { cause },
    )
  }
}
