import type { Drill, DrillRow, Explain } from '../src/api.ts'
import { type Query, RequestError, type Source } from './client.ts'
import { getDrill, getExplain } from './client-details.ts'
import type { Days } from './period.ts'
import { type RuleModel, type Target, UNATTRIBUTED } from './view.ts'

const PAGE = 10

/** Something that is on its way, has failed, or is here. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'error'; readonly error: RequestError }
  | { readonly state: 'ready'; readonly value: T }

/** Deals of a row read so far; the sums are those of all pages. */
export interface Deals {
  readonly rows: readonly DrillRow[]
  readonly count: number
  readonly credited: string
  readonly next: number | null
  readonly busy: boolean
}

/** Which data the drawer's requests are about. */
export interface Scope extends Source {
  readonly workspace: string
  readonly locale: string
  readonly by: string
  readonly model: RuleModel
  readonly days: Days
}

/** What the drawer shows: the formula of one figure and, for a row, the deals behind it. */
export class DrawerData {
  target: Target | null = null
  explain: Loaded<Explain> = { state: 'loading' }
  deals: Loaded<Deals> = { state: 'loading' }
  #scope: Scope | null = null
  #run = new AbortController()
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Opens a figure. Deals that are already there stay when only the figure of the same row changes. */
  open(target: Target, scope: Scope): void {
    const sameRow = this.target?.row?.key === target.row?.key && this.#scope === scope && this.deals.state === 'ready'
    this.#run.abort()
    this.#run = new AbortController()
    this.target = target
    this.#scope = scope
    this.explain = { state: 'loading' }
    if (target.row?.key !== UNATTRIBUTED) void this.#loadExplain(target, scope)
    if (!target.row || sameRow) {
      this.#changed()
      return
    }
    this.deals = { state: 'loading' }
    void this.#loadDeals(null)
    this.#changed()
  }

  close(): void {
    this.#run.abort()
    this.target = null
    this.#changed()
  }

  /** Reads the next page of deals. */
  more(): void {
    if (this.deals.state !== 'ready' || this.deals.value.busy || this.deals.value.next === null) return
    const known = { ...this.deals.value, busy: true }
    this.deals = { state: 'ready', value: known }
    this.#changed()
    void this.#loadDeals(known)
  }

  async #loadExplain(target: Target, scope: Scope): Promise<void> {
    const query = { ...this.#query(scope, target), metric: target.metric }
    this.explain = await this.#settle((signal) => getExplain(scope, query, signal), this.explain)
    this.#changed()
  }

  async #loadDeals(known: Deals | null): Promise<void> {
    const { target } = this
    const scope = this.#scope
    if (!target?.row || !scope) return
    const query = { ...this.#query(scope, target), offset: known?.next ?? 0, limit: PAGE }
    const page = await this.#settle((signal) => getDrill(scope, query, signal), null)
    if (!page) return
    this.deals = page.state === 'ready' ? { state: 'ready', value: joined(known, page.value) } : page
    this.#changed()
  }

  #query(scope: Scope, target: Target): Query {
    const { workspace, by, model, days, locale } = scope
    return { workspace, by: target.row ? by : null, key: target.row?.key, model, ...days, locale }
  }

  /** The outcome of a request, or `aborted` when another figure has been opened since. */
  async #settle<T, A>(request: (signal: AbortSignal) => Promise<T>, aborted: A): Promise<Loaded<T> | A> {
    const { signal } = this.#run
    try {
      const value = await request(signal)
      return signal.aborted ? aborted : { state: 'ready', value }
    } catch (error) {
      if (signal.aborted) return aborted
      return { state: 'error', error: error instanceof RequestError ? error : new RequestError(0, 'network') }
    }
  }
}

function joined(known: Deals | null, page: Drill): Deals {
  return {
    rows: [...(known?.rows ?? []), ...page.rows],
    count: page.count,
    credited: page.total.credited,
    next: page.next,
    busy: false,
  }
}
