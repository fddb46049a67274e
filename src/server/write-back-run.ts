import type { WriteBack } from '../api.ts'
import { ConnectorError, isRoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import type { Reason } from '../sync/outcome.ts'
import { reasonOf } from '../sync/reasons.ts'
import { type KnownWriteBack, lastWriteBack, noteWriteBack } from '../sync/write-back-state.ts'
import type { Feedback } from './services.ts'
import { type WriteBackEnv, writeBack } from './write-back.ts'

/** Between the end of a write-back and the next that begins by itself, at least, milliseconds … */
const REST_MS = 5 * 60_000
/** … and so many times as long as it took: it leaves the limits of the source to the reading. */
const REST_TIMES = 10
/** After a failure it doubles with each in a row, up to this, milliseconds. */
const MAX_REST_MS = 6 * 3_600_000

/** What says that nothing was tried. */
const NOT_TRIED = new Set([
  'write_running',
  'write_back_off',
  'write_unsupported',
  'unknown_connection',
  'disconnected',
  'stopping',
])

export interface RunEnv extends WriteBackEnv {
  /** For tests. */
  readonly now?: (() => Date) | undefined
}

/**
 * One write-back, and a note of how it ended for whoever looks at the connection.
 * @throws as {@link writeBack}
 */
export async function runWriteBack(
  env: RunEnv,
  workspace: Workspace,
  { connection, whole }: { readonly connection: Connection; readonly whole: boolean },
  feedback: Pick<Feedback, 'signal' | 'progress'>,
): Promise<WriteBack> {
  const { state, now = () => new Date() } = env
  const { id, tenant } = connection
  const startedAt = now()
  const before = await lastWriteBack(state, id)
  const note = async (end: Pick<KnownWriteBack, 'state' | 'wholeAt' | 'failures' | 'reason'>, done?: WriteBack) => {
    const finishedAt = now()
    const { records = 0, written = 0, failed } = done ?? {}
    const rest = restOf(end.failures, finishedAt.getTime() - startedAt.getTime())
    const notBefore = end.reason?.retryAt ?? new Date(finishedAt.getTime() + rest)
    const counts = { records, written, refused: failed?.count ?? 0 }
    // Whoever disconnected meanwhile leaves nothing behind.
    if (!(await state.findConnection(tenant, id))) return
    await noteWriteBack(state, id, { ...end, ...counts, startedAt, finishedAt, notBefore })
  }
  try {
    const done = await writeBack(env, workspace, { connection, dryRun: false, whole }, feedback)
    const wholeAt = whole ? startedAt : (before?.wholeAt ?? null)
    await note({ state: 'done', wholeAt, failures: 0, reason: null }, done)
    return done
  } catch (error) {
    if (!feedback.signal.aborted && !(isRoiError(error) && NOT_TRIED.has(error.code))) {
      const { wholeAt = null, failures = 0 } = before ?? {}
      await note({ state: 'failed', wholeAt, failures: failures + 1, reason: whyOf(error) })
    }
    throw error
  }
}

/** Milliseconds; more than an hour or two is right for what a person must mend. */
function restOf(failures: number, took: number): number {
  if (failures === 0) return Math.max(REST_MS, REST_TIMES * took)
  return Math.min(REST_MS * 2 ** (failures - 1), MAX_REST_MS)
}

function whyOf(error: unknown): Reason {
  if (!isRoiError(error)) return reasonOf(error)
  const { code, text, remedy = null, cause } = error
  const retryAt = cause instanceof ConnectorError ? (cause.retryAt ?? null) : null
  return { code, message: text, remedy, retryAt }
}
