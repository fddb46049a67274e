import type { WriteBack } from '../api.ts'
import type { Database } from '../db/database.ts'
import { RoiError } from '../errors.ts'
import { report } from '../metrics/report.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import type { Sources } from '../sync/connections.ts'
import type { Connector } from '../sync/contract.ts'
import { isSourceError, reasonOf } from '../sync/reasons.ts'
import { writeBackChanges } from '../sync/write-back.ts'
import type { Feedback } from './services.ts'

interface WriteBackAsk {
  readonly connection: Connection
  readonly dryRun: boolean
}

/**
 * Brings the source, credit and return of deals and contacts into fields of the CRM they come from (F128). Off until the setting
 * `write_back` of the connection is on; a dry run shows what would change and needs no such setting.
 * @throws RoiError `write_unsupported`, `write_back_off`, `write_failed`
 */
export async function writeBack(
  { database, sources }: { readonly database: Database; readonly sources: Sources },
  workspace: Workspace,
  { connection, dryRun }: WriteBackAsk,
  { signal, progress }: Pick<Feedback, 'signal' | 'progress'>,
): Promise<WriteBack> {
  const { model } = workspace.settings
  // What a CRM holds is one for all who read it: in the language of the workspace.
  const language = workspace.settings.locale
  const query = { workspace: workspace.key, by: 'channel', model, from: null, to: null, date_basis: 'close' } as const
  const { rows } = await report(database, workspace, query, language)
  const channels = new Map(rows.map(({ key, label, roi }) => [key, { label, roi }]))
  return sources.use(workspace, connection.id, signal, async ({ connector, context }) => {
    if (!connector.write) throw unsupported(connector)
    if (!dryRun && context.settings.write_back !== true) throw off(connection)
    const changes = writeBackChanges(database, { tenant: workspace.tenant, source: connection.source, model, channels })
    const onProgress = (records: number) => progress({ task: connection.title, rows: records, part: null })
    try {
      const done = await connector.write(context, changes, { dryRun, onProgress })
      return { connection: connection.id, title: connection.title, model, dry_run: dryRun, ...toAnswer(done) }
    } catch (error) {
      if (!isSourceError(error)) throw error
      const { message, remedy } = reasonOf(error)
      throw new RoiError('unavailable', 'write_failed', message, remedy ?? undefined, { cause: error })
    }
  })
}

function toAnswer(done: Awaited<ReturnType<NonNullable<Connector['write']>>>) {
  const { failed, created, values, ...counts } = done
  return {
    ...counts,
    failed: { count: failed.count, examples: failed.examples.map((one) => ({ ...one })) },
    created: [...created],
    values: values.map((one) => ({ ...one })),
  }
}

export function unsupported({ title }: Connector): RoiError {
  return new RoiError('usage', 'write_unsupported', {
    en: `Nothing can be written to ${title.en}.`,
    'zh-CN': `无法写入 ${title['zh-CN']}。`,
  })
}

function off({ connector, title }: Connection): RoiError {
  return new RoiError(
    'usage',
    'write_back_off',
    {
      en: `Writing to "${title}" is off; nothing was written.`,
      'zh-CN': `“${title}”的写回功能未开启，未写入任何内容。`,
    },
    {
      en: `Look at "roi-panel write-back ${connector} --dry-run" first, then connect it again with --set write_back=true.`,
      'zh-CN': `请先用 “roi-panel write-back ${connector} --dry-run” 预览，再以 --set write_back=true 重新连接。`,
    },
  )
}
