import { setTimeout as sleep } from 'node:timers/promises'
import type { Workspace } from '../model/settings.ts'
import type { ChangesFeed } from '../sync/changes-feed.ts'
import type { ImportEnv } from '../sync/import.ts'
import { noteQuality } from './quality-services.ts'

/** How often it is looked for what is due, milliseconds. */
const LOOK_MS = 60_000
/** Quality is checked at least so often, milliseconds: what is late today was not yesterday. */
const DAILY_MS = 86_400_000
/** After a change it is checked no sooner than so long after the last time, milliseconds: webhooks come by the second. */
const QUIET_MS = 300_000
/** A check under way gets this long to end, milliseconds. */
const SETTLE_MS = 5000

export interface QualityWorkerEnv extends Pick<ImportEnv, 'database' | 'state'> {
  readonly feed: Pick<ChangesFeed, 'changedAt'>
  readonly log: (message: string, details?: Record<string, unknown>) => void
  readonly now?: () => Date
}

/** Checks quality by itself. */
export interface QualityChecks {
  /** Begins to look, until closed. */
  start(): void
  /** Looks once. @returns keys of the workspaces that were checked */
  look(): Promise<readonly string[]>
  close(): Promise<void>
}

/**
 * Checks the quality of every workspace with data once a day, and soon after its data changed: by a sync, a webhook, an import. One
 * process of several does it; the others see that it is done.
 */
export function createQualityChecks(env: QualityWorkerEnv): QualityChecks {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let last: Promise<unknown> = Promise.resolve()

  const isDue = async ({ tenant }: Workspace, now: number): Promise<boolean> => {
    if ((await env.state.dataAt(tenant)) === null) return false
    const [day] = await env.state.qualityDays(tenant, 1)
    if (!day) return true
    const age = now - day.at.getTime()
    if (age >= DAILY_MS) return true
    const changedAt = await env.feed.changedAt(tenant)
    return changedAt !== null && changedAt > day.at && age >= QUIET_MS
  }

  const look = async () => {
    const done: string[] = []
    try {
      for (const workspace of await env.state.workspaces()) {
        const now = env.now?.() ?? new Date()
        if (stopped) break
        if (!(await isDue(workspace, now.getTime()))) continue
        await noteQuality(env, workspace, now)
        done.push(workspace.key)
      }
    } catch (error) {
      // The store may be away for a moment; the next look tells.
      if (!stopped) env.log('quality could not be checked', { err: error })
    }
    return done
  }

  return {
    start() {
      if (timer || stopped) return
      timer = setInterval(() => {
        last = last.then(look)
      }, LOOK_MS)
      timer.unref()
      last = look()
    },
    look,
    async close() {
      stopped = true
      clearInterval(timer)
      await Promise.race([last, sleep(SETTLE_MS, undefined, { ref: false })])
    },
  }
}
