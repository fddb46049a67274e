import type { Panel } from '../src/api.ts'
import { getPanel, RequestError, type Source } from './client.ts'
import { type Days, isRelative, resolvePeriod } from './period.ts'
import { forget, keep, recall, snapshotKey } from './snapshot.ts'

/** What decides the answer of the service. */
export interface Question extends Source {
  readonly workspace: string
  readonly period: string
  readonly locale: string
}

/** What the element shows: an answer, an error, or the last answer while the service is down. */
export interface PanelState {
  readonly panel: Panel | null
  /** Set when there is nothing to show. */
  readonly error: RequestError | null
  /** The panel is the last one we got; the service could not be asked. */
  readonly stale: boolean
  readonly busy: boolean
  /** Days that were asked for. */
  readonly days: Days
}

/** Loads the view-model; a newer question always wins over the answer to an older one. */
export class PanelData {
  state: PanelState = { panel: null, error: null, stale: false, busy: false, days: { from: null, to: null } }
  #running: AbortController | null = null
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Asks the service. Resolves when the state is final, also when it is an error. */
  async load(question: Question): Promise<void> {
    this.#running?.abort()
    const run = new AbortController()
    this.#running = run
    this.#set({ busy: true })
    try {
      await this.#ask(question, run.signal, this.state.panel?.zone)
    } catch (error) {
      if (run.signal.aborted) return
      this.#fail(question, error instanceof RequestError ? error : new RequestError(0, 'network'))
    }
  }

  /** Stops what is running; the element has left the page. */
  stop(): void {
    this.#running?.abort()
  }

  async #ask(question: Question, signal: AbortSignal, zone: string | undefined): Promise<void> {
    const days = resolvePeriod(question.period, zone)
    const { workspace, locale } = question
    const panel = await getPanel(question, { workspace: workspace || null, ...days, by: 'channel', locale }, signal)
    // "This month" is a matter of the workspace's zone, which the first answer tells.
    if (isRelative(question.period) && zone !== panel.zone) {
      const local = resolvePeriod(question.period, panel.zone)
      if (local.from !== days.from || local.to !== days.to) return this.#ask(question, signal, panel.zone)
    }
    keep(keyOf(question), panel)
    this.#set({ panel, error: null, stale: false, busy: false, days })
  }

  #fail(question: Question, error: RequestError): void {
    const key = keyOf(question)
    if (error.isRefusal) forget(key)
    const panel = error.isOutage ? recall(key) : null
    this.#set({
      panel,
      error,
      stale: panel !== null,
      busy: false,
      days: panel?.period ?? resolvePeriod(question.period),
    })
  }

  #set(change: Partial<PanelState>): void {
    this.state = { ...this.state, ...change }
    this.#changed()
  }
}

function keyOf(question: Question): string {
  const { endpoint, workspace, period, locale, token } = question
  return snapshotKey([endpoint, workspace, period, locale], token)
}
