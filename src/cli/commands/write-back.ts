import type { WriteBack } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

export default defineCommand({
  name: 'write-back',
  usage: 'ID [--dry-run] [--json]',
  summary: {
    en: 'Write source, credit and ROI to fields of the CRM; off until it is switched on',
    'zh-CN': '将来源、归因与 ROI 写入 CRM 字段；默认关闭',
  },
  notes: {
    en: 'ID is a connection, a connector or a title. Only values that differ are sent, and no field but our own is touched. The\nsetting write_back of the connection must be on (connections set ID write_back=true): serve then does it by itself after complete\nruns. --dry-run needs no such setting and changes nothing.\nExit code: 0 done, 3 access is missing, 4 some records were refused.',
    'zh-CN':
      'ID 可以是连接编号、连接器或名称。只发送有变化的值，且只写入本产品的字段。\n须先开启连接的 write_back 设置（connections set ID write_back=true），此后 serve 会在完整同步后自动写回；\n--dry-run 无需开启，也不做任何修改。\n退出码：0 完成，3 缺少权限，4 部分记录被拒绝。',
  },
  examples: ['write-back hubspot --dry-run', 'write-back hubspot'],
  options: {
    'dry-run': { type: 'boolean', help: { en: 'show what would change', 'zh-CN': '只显示将要修改的内容' } },
  },
  async run({ positionals, options, workspace, locale: asked, json, output, signal, open }) {
    const [connection, ...more] = positionals
    if (!connection || more.length > 0) {
      throw usage(
        'missing_connection',
        { en: 'write-back needs one connection.', 'zh-CN': 'write-back 需要一个连接。' },
        { en: 'Write "write-back hubspot --dry-run".', 'zh-CN': '请写成 “write-back hubspot --dry-run”。' },
      )
    }
    const session = await open()
    const ask = { workspace, connection, dry_run: options['dry-run'] ?? false }
    const done = await session.call('write_back', ask, { signal, progress: output.progress.bind(output) })
    output.done()
    if (json) await output.json(done)
    else {
      output.say(summaryOf(done))
      if (done.values.length > 0) await output.data(valuesTable(done, asked ?? output.locale))
      for (const { type, id, message } of done.failed.examples.slice(0, 5)) {
        output.warn({ en: `${type} ${id}: ${plain(message)}`, 'zh-CN': `${type} ${id}：${plain(message)}` })
      }
    }
    return done.failed.count > 0 ? 4 : 0
  },
})

function summaryOf({ title, dry_run, records, changed, written, unchanged, failed, created }: WriteBack) {
  const en = figuresFor('en').count
  const zh = figuresFor('zh-CN').count
  const name = plain(title)
  const made = created.length === 0 ? '' : `; ${dry_run ? 'would make' : 'made'} ${created.join(', ')}`
  const neu = created.length === 0 ? '' : `；${dry_run ? '将新建' : '已新建'} ${created.join('、')}`
  return {
    en: `${name}: ${en(records)} records, ${dry_run ? `${en(changed)} would change` : `${en(written)} written`}, ${en(unchanged)} unchanged, ${en(failed.count)} refused${made}.`,
    'zh-CN': `${name}：共 ${zh(records)} 条记录，${dry_run ? `${zh(changed)} 条将修改` : `已写入 ${zh(written)} 条`}，未变 ${zh(unchanged)} 条，拒绝 ${zh(failed.count)} 条${neu}。`,
  }
}

const COLUMNS = {
  en: ['Record', 'Field', 'Now', 'After'],
  'zh-CN': ['记录', '字段', '现值', '新值'],
} as const

function valuesTable({ values }: WriteBack, locale: Locale): string {
  const columns = COLUMNS[locale].map((title) => ({ title }))
  const rows = values.map(({ type, id, field, before, after }) => [
    `${type} ${id}`,
    field,
    plain(before ?? '–'),
    plain(after ?? '–'),
  ])
  return table(columns, rows)
}
