import type { WriteBack } from '../api.ts'
import type { Database } from '../db/database.ts'
import { RoiError } from '../errors.ts'
import { report } from '../metrics/report.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, State } from '../state/state.ts'
import type { Sources } from '../sync/connections.ts'
import type { Change, Connector, WriteReport } from '../sync/contract.ts'
import { leased } from '../sync/lease.ts'
import { isSourceError } from '../sync/reasons.ts'
import { writeBackChanges } from '../sync/write-back.ts'
import { digestOf, unwritten, without } from '../sync/write-back-digest.ts'
import { noteDigest, writtenDigest } from '../sync/write-back-state.ts'
import { type Asked, refusalOf } from './grant-again.ts'
import type { Feedback } from './services.ts'

/** Records between two looks whether it is still wanted. */
const LOOK_EACH = 1000

export interface WriteBackEnv {
  readonly database: Database
  readonly state: State
  readonly sources: Pick<Sources, 'use'>
  readonly publicUrl: string | undefined
}

export interface WriteBackAsk {
  readonly connection: Connection
  readonly dryRun: boolean
  /** Looks at every record; else only at those whose values are not those written last. */
  readonly whole: boolean
}

/**
 * Brings the source, credit and return of deals and contacts into fields of the CRM they come from (F128). Off until the setting
 * `write_back` of the connection is on; a dry run shows what would change and needs no such setting. One at a time for each
 * connection, among all processes on the stores; ends early once it is switched off or disconnected.
 * @throws RoiError `write_unsupported`, `write_back_off`, `write_running`, `missing_scope`, `write_failed`
 */
export async function writeBack(
  env: WriteBackEnv,
  workspace: Workspace,
  ask: WriteBackAsk,
  feedback: Pick<Feedback, 'signal' | 'progress'>,
): Promise<WriteBack> {
  const { connection, dryRun } = ask
  if (dryRun) return write(env, workspace, ask, feedback)
  const { signal } = feedback
  const work = (stop: AbortSignal) => write(env, workspace, ask, { ...feedback, signal: stop })
  return leased(env.state, `write-back/${connection.id}`, () => running(connection), work, { wait: 0, signal })
}

async function write(
  env: WriteBackEnv,
  workspace: Workspace,
  { connection, dryRun, whole }: WriteBackAsk,
  { signal, progress }: Pick<Feedback, 'signal' | 'progress'>,
): Promise<WriteBack> {
  const { database, state, sources, publicUrl } = env
  const { id, title } = connection
  const { model } = workspace.settings
  return sources.use(workspace, id, signal, async ({ connector, context, granted }) => {
    if (!connector.write) throw unsupported(connector)
    if (!dryRun && context.settings.write_back !== true) throw off(connection)
    const channels = await channelsOf(database, workspace)
    const changes = () =>
      writeBackChanges(database, { tenant: workspace.tenant, source: connection.source, model, channels })
    const onProgress = (records: number) => progress({ task: title, rows: records, part: null })
    const options = { dryRun, onProgress }
    const send = async (list: AsyncIterable<Change>) => {
      const asked: Asked = { workspace, connection, connector, granted, purpose: 'write_back', publicUrl }
      return connector.write!(context, list, options).catch((error) => {
        throw isSourceError(error) ? failed(refusalOf(error, asked), error) : error
      })
    }
    if (dryRun) return answerOf(connection, model, true, await send(changes()))
    const now = await digestOf(changes())
    const before = whole ? {} : await writtenDigest(state, id)
    const done = await send(wanted(state, connection, unwritten(changes(), now, before)))
    await noteDigest(state, id, writtenOf(done, now, before))
    return answerOf(connection, model, false, done)
  })
}

/** What is known of channels beside the ledger, in the language of the workspace: a CRM holds one text for all who read it. */
async function channelsOf(database: Database, workspace: Workspace) {
  const { model, locale } = workspace.settings
  const query = { workspace: workspace.key, by: 'channel', model, from: null, to: null, date_basis: 'close' } as const
  const { rows } = await report(database, workspace, query, locale)
  return new Map(rows.map(({ key, label, roi }) => [key, { label, roi }]))
}

/** Ends when a person has switched it off, or disconnected, since it began; whichever process was told. */
async function* wanted(state: State, connection: Connection, changes: AsyncIterable<Change>): AsyncGenerator<Change> {
  let count = 0
  for await (const change of changes) {
    if (count % LOOK_EACH === 0) {
      const now = await state.findConnection(connection.tenant, connection.id)
      if (now?.settings.write_back !== true) throw off(connection)
    }
    count += 1
    yield change
  }
}

/** Refused records count as not written; of more than are named nobody knows which. */
function writtenOf({ failed: { count, examples } }: WriteReport, now: Digest, before: Digest): Digest {
  if (count > examples.length) return before
  return without(now, examples)
}
type Digest = Awaited<ReturnType<typeof digestOf>>

function answerOf(
  { id, title }: Connection,
  model: WriteBack['model'],
  dry_run: boolean,
  done: WriteReport,
): WriteBack {
  const { failed, created, values, ...counts } = done
  return {
    connection: id,
    title,
    model,
    dry_run,
    ...counts,
    failed: { count: failed.count, examples: failed.examples.map((one) => ({ ...one })) },
    created: [...created],
    values: values.map((one) => ({ ...one })),
  }
}

function failed({ code, message, remedy }: ReturnType<typeof refusalOf>, cause: Error): RoiError {
  const options = { cause }
  if (code === 'missing_scope') return new RoiError('auth', code, message, remedy ?? undefined, options)
  return new RoiError('unavailable', 'write_failed', message, remedy ?? undefined, options)
}

export function unsupported({ title }: Connector): RoiError {
  return new RoiError('usage', 'write_unsupported', {
    en: `Nothing can be written to ${title.en}.`,
    'zh-CN': `无法写入 ${title['zh-CN']}。`,
  })
}

function running({ title }: Connection): RoiError {
  return new RoiError(
    'unavailable',
    'write_running',
    { en: `"${title}" is being written to already.`, 'zh-CN': `正在写入“${title}”。` },
    { en: '"roi-panel status" shows how it ended.', 'zh-CN': '可用 roi-panel status 查看结果。' },
  )
}

function off({ id, title }: Connection): RoiError {
  return new RoiError(
    'usage',
    'write_back_off',
    {
      en: `Writing to "${title}" is off.`,
      'zh-CN': `“${title}”的写回功能未开启。`,
    },
    {
      en: `Look at "roi-panel write-back ${id} --dry-run" first, then: roi-panel connections set ${id} write_back=true`,
      'zh-CN': `请先用 “roi-panel write-back ${id} --dry-run” 预览，再运行：roi-panel connections set ${id} write_back=true`,
    },
  )
}
