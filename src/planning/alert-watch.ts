import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import { LOCALES } from '../errors.ts'
import { labelOfLine, readLines } from '../metrics/budget/view.ts'
import { readFigures } from '../metrics/snapshot.ts'
import { localDay } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import type { Alert } from '../state/alerts.ts'
import type { State } from '../state/state.ts'
import { type AlertDetail, budgetCrossings } from './alerts.ts'

export interface AlertEnv {
  readonly database: Database
  readonly state: Pick<State, 'workspaces' | 'manualEntries' | 'settleAlerts'>
  readonly log: (message: string, details?: Record<string, unknown>) => void
}

/** Between two looks at one workspace, however busy it is, milliseconds. */
const PAUSE_MS = 2000
/** How often it is looked whether a day has begun somewhere, milliseconds. */
const LOOK_MS = 10 * 60_000

/** Brings the alerts of a workspace in line with its budgets. @returns those that are new */
export async function settleBudgetAlerts(
  { database, state }: Omit<AlertEnv, 'log'>,
  workspace: Workspace,
  now: number,
): Promise<readonly Alert[]> {
  const { tenant, settings } = workspace
  const entries = await state.manualEntries(tenant, 'budget')
  const query = { entries, locale: settings.locale, now }
  const { figures } = await readFigures(database, workspace, (reader) =>
    readLines(reader, workspace, query, { from: null, to: null, ended: true }),
  )
  const today = localDay(settings.zone, now)
  const crossings = budgetCrossings(figures, {
    thresholds: settings.thresholds,
    today,
    currency: settings.currency,
    label: ({ line }) =>
      Object.fromEntries(LOCALES.map((locale) => [locale, labelOfLine(line, locale)])) as AlertDetail['label'],
  })
  return state.settleAlerts(tenant, today, crossings)
}

/** Watches the budgets of all workspaces. */
export interface AlertWatch {
  /** Figures of a workspace may have changed: looks at its budgets, once for all that comes meanwhile. */
  look(tenant: number): void
  /** From now on also when a local day begins. */
  start(): void
  /** Waits for what is under way. */
  idle(): Promise<void>
  close(): Promise<void>
}

export function watchAlerts(env: AlertEnv): AlertWatch {
  return new Watcher(env)
}

/** A workspace that is being looked at. */
interface Looking {
  /** Figures may have changed since the look began. */
  again: boolean
  done: Promise<void>
}

class Watcher implements AlertWatch {
  readonly #env: AlertEnv
  readonly #looking = new Map<number, Looking>()
  /** The local day a workspace was looked at last. */
  readonly #days = new Map<number, string>()
  /** Ends the pauses between looks. */
  #hurry = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined
  #closed = false

  constructor(env: AlertEnv) {
    this.#env = env
  }

  look(tenant: number): void {
    if (this.#closed) return
    const looking = this.#looking.get(tenant)
    if (looking) {
      looking.again = true
      return
    }
    const begun: Looking = { again: true, done: Promise.resolve() }
    begun.done = this.#lookUntilQuiet(tenant, begun)
    this.#looking.set(tenant, begun)
  }

  start(): void {
    if (this.#timer || this.#closed) return
    const read = () => {
      this.#reading = this.#lookAtDays()
    }
    this.#timer = setInterval(read, LOOK_MS)
    this.#timer.unref()
    read()
  }

  async idle(): Promise<void> {
    while (this.#looking.size > 0) {
      this.#hurry.abort()
      await Promise.all([...this.#looking.values()].map(({ done }) => done))
    }
    this.#hurry = new AbortController()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
    await this.idle()
    this.#closed = true
  }

  async #lookUntilQuiet(tenant: number, looking: Looking): Promise<void> {
    while (looking.again) {
      looking.again = false
      await this.#settle(tenant)
      if (looking.again)
        await sleep(PAUSE_MS, undefined, { signal: this.#hurry.signal, ref: false }).catch(() => undefined)
    }
    this.#looking.delete(tenant)
  }

  async #settle(tenant: number): Promise<void> {
    try {
      const workspace = (await this.#env.state.workspaces()).find((one) => one.tenant === tenant)
      if (!workspace) return
      const now = Date.now()
      await settleBudgetAlerts(this.#env, workspace, now)
      this.#days.set(tenant, localDay(workspace.settings.zone, now))
    } catch (error) {
      // The next change of figures, or the next day, looks again.
      this.#env.log('budgets could not be watched', { tenant, err: error })
    }
  }

  async #lookAtDays(): Promise<void> {
    try {
      for (const { tenant, settings } of await this.#env.state.workspaces()) {
        if (this.#days.get(tenant) !== localDay(settings.zone, Date.now())) this.look(tenant)
      }
    } catch (error) {
      this.#env.log('workspaces could not be read', { err: error })
    }
  }
}
