import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { PanelAttributes } from './attributes.ts'
import { channelBlock } from './blocks/channels.ts'
import { footer } from './blocks/footer.ts'
import { modelBlock } from './blocks/models.ts'
import { errorState, skeleton, staleBand } from './blocks/states.ts'
import { kpiTiles } from './blocks/tiles.ts'
import { trustStrip } from './blocks/trust.ts'
import { Chunks } from './chunks.ts'
import type { DrawerData, Scope } from './drawer-data.ts'
import { emit } from './events.ts'
import { Format } from './format.ts'
import { languageOf } from './languages.ts'
import type { Column, Metric, Words } from './locales/words.ts'
import { PanelData } from './panel-data.ts'
import { tendGroups } from './roving.ts'
import { base } from './styles/base.ts'
import { blocks } from './styles/blocks.ts'
import { data } from './styles/data.ts'
import { tokens } from './styles/tokens.ts'
import {
  type Actions,
  markIndex,
  type RuleModel,
  type Size,
  type Sort,
  type SpreadMode,
  type Target,
  UNATTRIBUTED,
  type View,
} from './view.ts'

/** Replaced by the build: `closed`, or `open` in the test build so that axe-core can look inside. */
declare const __ROI_SHADOW__: ShadowRootMode

/**
 * @summary Marketing ROI of a workspace: what was spent, what it brought, and how sure that is. Reads one view-model
 * from the service; switching models, sorting and comparing need no request.
 *
 * @csspart panel - the whole sheet
 * @csspart trust - the line that says what the figures rest on
 * @csspart tile - a KPI tile
 * @csspart value - its figure
 * @csspart delta - its change against the previous period
 * @csspart benchmark - its benchmark chip
 * @csspart spark - its sparkline
 * @csspart models - the model block
 * @csspart channels - the channel block
 * @csspart findings - the block of data to look at
 * @csspart table - any table, and the list that stands for it below 360 px
 * @csspart row - a channel
 * @csspart bar - an ROI bar
 * @csspart mark - colour and shape of a channel
 * @csspart axis - the bars' scale
 * @csspart toolbar - the actions of a block
 * @csspart button - a button or select
 * @csspart drawer - where a number comes from
 * @csspart empty - the empty state
 * @csspart error - the error state
 * @csspart footer - the last line
 *
 * @slot header - above the trust strip
 * @slot empty - replaces the next step of the empty state
 * @slot footer - below the last line
 *
 * @cssproperty [--roi-font] - font family; set these on the element itself
 * @cssproperty [--roi-ink] - text
 * @cssproperty [--roi-ink-2] - words beside values
 * @cssproperty [--roi-ink-3] - axes, heads, reasons
 * @cssproperty [--roi-surface] - background of the sheet
 * @cssproperty [--roi-bg] - background of the drawer
 * @cssproperty [--roi-sunken] - hovered and sunken surfaces
 * @cssproperty [--roi-line] - hairlines
 * @cssproperty [--roi-line-strong] - border, rule under a head
 * @cssproperty [--roi-control] - borders of controls
 * @cssproperty [--roi-accent] - bars, selection, links
 * @cssproperty [--roi-focus] - focus ring
 * @cssproperty [--roi-positive] - better
 * @cssproperty [--roi-negative] - worse, loss
 * @cssproperty [--roi-warn] - missed, stale, incomplete
 * @cssproperty [--roi-c1] - first channel, up to --roi-c8
 * @cssproperty [--roi-radius=4px] - corners of controls
 * @cssproperty [--roi-radius-panel=8px] - corners of the sheet
 * @cssproperty [--roi-gap=20px] - padding of a block, above and below
 * @cssproperty [--roi-pad=24px] - padding of a block, both sides, from 600 px on
 * @cssproperty [--roi-row=40px] - height of a table row
 *
 * @event roi-ready - figures are shown; `stale` when they are the last ones known
 * @event roi-error - the service could not be asked or refused
 * @event roi-drill - a figure was opened
 * @event roi-model-change - another attribution model was chosen
 * @event roi-period-change - the element shows other days than before
 */
export class RoiPanel extends PanelAttributes {
  static override shadowRootOptions: ShadowRootInit = { ...PanelAttributes.shadowRootOptions, mode: __ROI_SHADOW__ }
  static override styles = [tokens, base, blocks, data]

  readonly #data = new PanelData(() => this.requestUpdate())
  readonly #resize = new ResizeObserver(([entry]) => this.#measure(entry?.contentRect.width ?? 0))
  readonly #chunks = new Chunks(
    (styles) => {
      const root = this.renderRoot as ShadowRoot
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, styles.styleSheet!]
    },
    () => this.requestUpdate(),
  )
  #size: Size = 'wide'
  #sort: Sort = { column: 'roi', descending: true }
  #spread: SpreadMode = 'chart'
  #defined: Metric | null = null
  #live = ''
  #format: { readonly key: unknown; readonly value: Format } | null = null
  #scope: { readonly key: string; readonly value: Scope } | null = null
  /** What had the focus when the drawer opened. */
  #opener: string | null = null

  constructor() {
    super()
    this.addEventListener('keydown', (event) => this.#onKey(event))
  }

  /** Reads the figures again. Resolves when they are shown, or an error is. */
  async refresh(): Promise<void> {
    await this.#load()
    await this.updateComplete
  }

  /** Opens the drawer on a figure: of a row when `key` names one, else of the whole. */
  explain(metric: Metric = 'roi', key?: string): void {
    const view = this.#view()
    if (!view) return
    const row = key === undefined ? null : (view.now.rows.find((each) => each.key === key) ?? null)
    if (key === undefined || row) void this.#open({ metric, row })
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#measure(this.getBoundingClientRect().width)
    this.#resize.observe(this)
    // Moved to another place while it was loading.
    if (this.hasUpdated && this.#data.state.busy) void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize.disconnect()
    this.#data.stop()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('locale') || !this.hasUpdated) void this.#speak()
    const asks = ['endpoint', 'token', 'workspace', 'period', 'locale', 'objectId']
    // A renewed token is no new question while figures are shown.
    const asked = asks.some((name) => changed.has(name) && (name !== 'token' || !this.#data.state.panel))
    if (asked) void this.#load()
  }

  protected override updated(changed: PropertyValues): void {
    tendGroups(this.renderRoot)
    if (changed.get('model') !== undefined) this.#followDrawer()
  }

  protected override render(): TemplateResult {
    const { state } = this.#data
    const { words } = this.#chunks
    const view = this.#view()
    const retry = () => void this.#load()
    const classes = `panel ${state.stale ? 'is-stale' : ''} ${state.busy && view ? 'is-busy' : ''}`
    return html`<article class=${classes} part="panel" lang=${words?.tag ?? nothing} aria-label=${words?.panel ?? nothing} aria-busy=${state.busy ? 'true' : 'false'}>
      <slot name="header"></slot>
      ${
        (words && this.#chunks.record?.render(words)) ||
        (view && words && (this.#chunks.list || this.#size !== 'list')
          ? this.#content(view, words, retry)
          : words && state.error && !state.busy
            ? errorState(words, state.error, retry)
            : skeleton(words))
      }
      <slot name="footer"></slot>
      <div class="vh" role="status" aria-live="polite">${this.#live}</div>
    </article>`
  }

  #content(view: View, words: Words, retry: () => void): TemplateResult {
    const { state } = this.#data
    const { details, drawer } = this.#chunks
    if (view.panel.empty) return html`${details?.emptyState(words) ?? skeleton(words)}${footer(view)}`
    const docked = view.target !== null
    const covered = docked && this.#size !== 'wide'
    return html`
      <div ?hidden=${covered}>
        ${state.stale ? staleBand(words, view.format.time(view.panel.generated_at), state.error, retry) : nothing}
        ${trustStrip(view)} ${details?.mismatchBand(view)}
      </div>
      <div class="body">
        <div ?hidden=${covered}>${kpiTiles(view)}</div>
        <div class="split ${docked ? 'docked' : ''}">
          <div class="main" ?hidden=${covered}>${modelBlock(view)} ${channelBlock(view)}</div>
          ${drawer && details?.drawer(view, drawer, () => this.#close())}
        </div>
        <div ?hidden=${covered}>${details?.findingsBlock(view)}</div>
      </div>
      ${footer(view)}
    `
  }

  #view(): View | null {
    const { panel } = this.#data.state
    const { words } = this.#chunks
    if (!panel || !words) return null
    const model = this.#modelOf(panel.views)
    if (this.#format?.key !== panel || this.#format.value.locale !== words.tag) {
      this.#format = { key: panel, value: new Format(words.tag, panel.currency, panel.digits, panel.zone) }
    }
    return {
      panel,
      model,
      now: panel.views[model],
      words,
      format: this.#format.value,
      size: this.#size,
      sort: this.#sort,
      spread: this.#spread,
      defined: this.#defined,
      target: this.#chunks.drawer?.target ?? null,
      actions: this.#actions,
      details: this.#chunks.details,
      list: this.#chunks.list,
      markOf: markIndex(panel),
    }
  }

  #modelOf(views: Readonly<Record<string, unknown>>): RuleModel {
    const { panel } = this.#data.state
    const wished = panel?.models.find(({ id }) => id === this.model && id in views)
    return (wished?.id ?? panel?.model ?? 'linear') as RuleModel
  }

  readonly #actions: Actions = {
    selectModel: (model) => this.#selectModel(model),
    setSpread: (mode) => {
      this.#set(() => (this.#spread = mode))
      void this.#loadDetails()
    },
    sortBy: (column, descending) => this.#set(() => (this.#sort = this.#nextSort(column, descending))),
    define: (metric) => this.#set(() => (this.#defined = metric)),
    open: (target) => void this.#open(target),
  }

  #set(change: () => void): void {
    change()
    this.requestUpdate()
  }

  /** Numbers start from the highest, names from the first; the same column again turns the order. */
  #nextSort(column: Column, descending?: boolean): Sort {
    if (descending !== undefined) return { column, descending }
    return { column, descending: this.#sort.column === column ? !this.#sort.descending : column !== 'label' }
  }

  #selectModel(model: RuleModel): void {
    const before = this.#view()?.model
    if (model === before) return
    this.model = model
    const view = this.#view()
    if (!view) return
    const { roi } = view.now.total
    const words = view.words
    this.#live = words.spread.switched(words.models[model], roi === null ? words.na : view.format.percent(roi))
    emit(this, 'roi-model-change', { model })
  }

  async #open(target: Target): Promise<void> {
    const drawer = await this.#loadDetails()
    const scope = this.#drawerScope()
    if (!scope || !drawer) return
    const wasOpen = drawer.target !== null
    // Another figure chosen inside the drawer is still the same visit.
    if (!(this.renderRoot as ShadowRoot).activeElement?.closest('.drawer'))
      this.#opener = target.row?.key ?? target.metric
    this.#defined = null
    drawer.open(target, scope)
    emit(this, 'roi-drill', { by: scope.by, key: target.row?.key ?? null, metric: target.metric })
    if (wasOpen) return
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.drawer')?.focus()
  }

  #close(): void {
    const opener = this.#opener
    this.#opener = null
    this.#chunks.drawer?.close()
    void this.updateComplete.then(() => {
      const openers = [...this.renderRoot.querySelectorAll<HTMLElement>('[data-open]')]
      openers.find((each) => each.dataset.open === opener)?.focus()
    })
  }

  /** An open drawer shows the same figure under the model or days shown now. */
  #followDrawer(): void {
    const drawer = this.#chunks.drawer
    const target = drawer?.target
    const view = this.#view()
    const scope = this.#drawerScope()
    if (!drawer || !target || !view || !scope) return
    const { rows, unattributed } = view.now
    const row: Target['row'] | undefined =
      target.row?.key === UNATTRIBUTED
        ? { ...target.row, revenue: unattributed.revenue }
        : target.row && rows.find(({ key }) => key === target.row?.key)
    if (row === undefined) drawer.close()
    else drawer.open({ metric: target.metric, row }, scope)
  }

  #drawerScope(): Scope | null {
    const view = this.#view()
    if (!view) return null
    const { endpoint, token } = this
    const { days } = this.#data.state
    const parts = {
      endpoint,
      token,
      workspace: view.panel.workspace.key,
      locale: view.words.tag,
      by: view.panel.by,
      model: view.model,
      days,
    }
    const key = JSON.stringify([parts, view.panel.generated_at])
    if (this.#scope?.key !== key) this.#scope = { key, value: parts }
    return this.#scope.value
  }

  async #loadDetails(): Promise<DrawerData | null> {
    const drawer = await this.#chunks.loadDetails()
    if (!drawer) this.#set(() => (this.#live = this.#chunks.words?.drawer.failed ?? ''))
    return drawer
  }

  async #loadList(): Promise<void> {
    // The table is always there; it scrolls in its own box.
    if (!(await this.#chunks.loadList())) this.#set(() => (this.#size = 'record'))
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    if (this.#defined) this.#set(() => (this.#defined = null))
    else if (this.#chunks.drawer?.target) this.#close()
    else return
    event.preventDefault()
  }

  #measure(width: number): void {
    const size: Size = width < 360 ? 'list' : width < 600 ? 'record' : width < 900 ? 'column' : 'wide'
    if (size === this.#size) return
    this.#set(() => (this.#size = size))
    if (size === 'list') void this.#loadList()
  }

  #language(): Words['tag'] {
    const page = this.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang
    return languageOf(this.locale, page, navigator.language)
  }

  async #speak(): Promise<void> {
    const tag = this.#language()
    if (this.#chunks.words?.tag === tag) return
    if (await this.#chunks.speak(tag, () => tag === this.#language())) return
    emit(this, 'roi-error', { code: 'locale', status: 0, requestId: null })
  }

  async #load(): Promise<void> {
    if (this.objectId && (await this.#chunks.loadRecord(this))) return
    const before = this.#data.state
    const { endpoint, token, workspace, period } = this
    await this.#data.load({ endpoint, token, workspace, period, locale: this.#language() })
    const { state } = this.#data
    if (state.busy || state === before) return
    await this.#speak()
    if (state.error) {
      const { code, status, requestId } = state.error
      emit(this, 'roi-error', { code, status, requestId })
    }
    if (!state.panel) return
    void this.#loadDetails().then(() => this.#chunks.details?.connect(this, state))
    this.#followDrawer()
    const { currency, date_basis: basis } = state.panel
    const model = this.#modelOf(state.panel.views)
    emit(this, 'roi-ready', { workspace: state.panel.workspace.key, model, currency, basis, stale: state.stale })
    const { from, to } = before.days
    if (before.panel && (from !== state.days.from || to !== state.days.to)) emit(this, 'roi-period-change', state.days)
  }
}

// A page may load the module twice, from two versions; the first one stays.
if (!customElements.get('roi-panel')) customElements.define('roi-panel', RoiPanel)

declare global {
  interface HTMLElementTagNameMap {
    'roi-panel': RoiPanel
  }
}
