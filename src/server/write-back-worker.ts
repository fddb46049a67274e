import { setTimeout as sleep } from 'node:timers/promises'
import { isRoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import type { ChangesFeed } from '../sync/changes-feed.ts'
import type { Sources } from '../sync/connections.ts'
import { type KnownWriteBack, lastWriteBack } from '../sync/write-back-state.ts'
import { type RunEnv, runWriteBack } from './write-back-run.ts'

/** How often it is looked for what is due, milliseconds. */
const LOOK_MS = 5000
/** Write-backs at a time in one process: reading comes first. */
const AT_ONCE = 2
/** Every record is looked at so often, milliseconds: what people changed by hand at the source is put right. */
const WHOLE_MS = 86_400_000
/** Write-backs that are told to stop get this long (reliability G13), milliseconds. */
const SETTLE_MS = 25_000

export interface WorkerEnv extends RunEnv {
  readonly sources: Pick<Sources, 'use' | 'running'>
  readonly feed: Pick<ChangesFeed, 'changedAt'>
  readonly log: (message: string, details?: Record<string, unknown>) => void
}

/** Writes back by itself. */
export interface WriteBacks {
  /** Begins to look, until closed. */
  start(): void
  /** Looks once. @returns when what it began has ended */
  look(): Promise<void>
  /** Ends; the next start goes on. */
  close(): Promise<void>
}

/**
 * Writes to the CRM of every connection that has it switched on, once a run of it was complete and whenever figures changed
 * since: by a run, a webhook, an import, a setting. Never while a run is under way, and never as a part of one: a write-back
 * that fails is noted for itself, and tried again later.
 */
export function createWriteBacks(env: WorkerEnv): WriteBacks {
  const stop = new AbortController()
  const active = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined

  const run = async (workspace: Workspace, connection: Connection, whole: boolean) => {
    const { id } = connection
    try {
      const { written, failed } = await runWriteBack(
        env,
        workspace,
        { connection, whole },
        { signal: stop.signal, progress() {} },
      )
      if (written + failed.count > 0)
        env.log('results were written back', { connection: id, written, refused: failed.count })
    } catch (error) {
      const elsewhere = isRoiError(error) && error.code === 'write_running'
      if (!elsewhere && !stop.signal.aborted)
        env.log('results could not be written back', { connection: id, err: error })
    } finally {
      active.delete(id)
    }
  }

  const look = async () => {
    const begun: Promise<void>[] = []
    try {
      const on = (await env.state.connections()).filter(isReady)
      const workspaces = on.length > 0 ? await env.state.workspaces() : []
      for (const connection of on) {
        const { id, tenant } = connection
        const workspace = workspaces.find((one) => one.tenant === tenant)
        if (stop.signal.aborted || active.size >= AT_ONCE) break
        if (!workspace || active.has(id) || env.sources.running(id)) continue
        const known = await lastWriteBack(env.state, id)
        const changedAt = await env.feed.changedAt(tenant)
        const now = (env.now?.() ?? new Date()).getTime()
        // Another look may have begun it meanwhile.
        if (active.has(id) || !isDue(connection, known, changedAt, now)) continue
        const work = run(workspace, connection, now - (known?.wholeAt?.getTime() ?? 0) >= WHOLE_MS)
        active.set(id, work)
        begun.push(work)
      }
    } catch (error) {
      // The store may be away for a moment; the next look tells.
      if (!stop.signal.aborted) env.log('what is to be written back could not be read', { err: error })
    }
    await Promise.all(begun)
  }

  return {
    start() {
      if (timer || stop.signal.aborted) return
      timer = setInterval(() => void look(), LOOK_MS)
      void look()
    },
    look,
    async close() {
      clearInterval(timer)
      stop.abort()
      await Promise.race([Promise.all(active.values()), sleep(SETTLE_MS, undefined, { ref: false })])
    },
  }
}

/** Switched on, and all of it was read: half of the touches would give half of the credit. */
function isReady({ settings, state, startedAt, finishedAt }: Connection): boolean {
  if (settings.write_back !== true || state !== 'active' || finishedAt === null) return false
  return startedAt === null || startedAt <= finishedAt
}

/** Whether anything changed since the last one began, and it may begin by now. */
function isDue(
  { finishedAt }: Connection,
  known: KnownWriteBack | undefined,
  changedAt: Date | null,
  now: number,
): boolean {
  if (!known) return true
  if (now < known.notBefore.getTime()) return false
  const latest = Math.max(finishedAt?.getTime() ?? 0, changedAt?.getTime() ?? 0)
  return known.state === 'failed' || latest > known.startedAt.getTime()
}
