import { html, nothing, render, type TemplateResult } from 'lit'
import type { Workspaces } from '../../src/api.ts'
import { languageOf } from '../languages.ts'
import type { Words } from '../locales/words.ts'
import { addDays } from '../period.ts'
import type { RoiPanel } from '../roi-panel.ts'
import { tokens } from '../styles/tokens.ts'
import { safe } from '../text.ts'
import { importSection } from './import-view.ts'
import { Importer } from './importer.ts'
import { PAGE_WORDS, PERIODS, type PeriodChoice } from './words.ts'

const THEMES = ['auto', 'light', 'dark'] as const
const LANGUAGES: Record<Words['tag'], string> = { 'zh-CN': '中文', en: 'English' }
const STORE = 'roi-page'

/** What a reader chose. Workspace, period and model stand in the address, so a view can be sent to a colleague. */
interface Choice {
  workspace: string
  period: string
  model: string
  locale: Words['tag']
  theme: (typeof THEMES)[number]
}

const root = document.querySelector<HTMLElement>('#page')!
const address = new URLSearchParams(location.search)
const stored = recalled()
const choice: Choice = {
  workspace: address.get('workspace') ?? '',
  period: address.get('period') ?? 'all',
  model: address.get('model') ?? '',
  locale: languageOf(address.get('locale'), stored.locale, navigator.language),
  theme: THEMES.find((theme) => theme === (address.get('theme') ?? stored.theme)) ?? 'auto',
}
let known: Workspaces = { demo: false, workspaces: [] }
let isCustom = choice.period.includes('..')
let isOver = false
const importer = new Importer(draw)

document.adoptedStyleSheets = [tokens.styleSheet!]
draw()
void start()

async function start(): Promise<void> {
  const response = await fetch('./api/v1/workspaces', { headers: { accept: 'application/json' } }).catch(() => null)
  // A session that ended while the page was away; the server sends everybody else there by itself.
  if (response?.status === 401)
    return location.assign(`./sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`)
  // Without the list the panel still shows the workspace of the address, or says why it cannot.
  if (response?.ok) known = (await response.json()) as Workspaces
  const own = known.workspaces.find(({ key }) => key === choice.workspace) ?? known.workspaces[0]
  if (own && !choice.workspace) choice.workspace = own.key
  if (own && !stored.locale && !address.has('locale')) choice.locale = languageOf(own.locale)
  choose({})
}

/** Applies a change and remembers it. */
function choose(change: Partial<Choice>): void {
  Object.assign(choice, change)
  const { workspace, period, model, locale, theme } = choice
  const query = new URLSearchParams()
  if (workspace) query.set('workspace', workspace)
  if (period !== 'all') query.set('period', period)
  if (model) query.set('model', model)
  history.replaceState(null, '', query.size > 0 ? `?${query}` : location.pathname)
  try {
    localStorage.setItem(STORE, JSON.stringify(change.locale || change.theme ? { locale, theme } : stored))
  } catch {
    // Private windows may forbid it; the choice then lasts as long as the page.
  }
  draw()
}

function draw(): void {
  const { locale, theme } = choice
  const title = known.workspaces.find(({ key }) => key === choice.workspace)?.title
  document.documentElement.lang = locale
  document.documentElement.dataset.theme = theme
  document.title = title ? `${safe(title)} · ROI` : PAGE_WORDS[locale].title
  render(page(), root)
}

function page(): TemplateResult {
  const words = PAGE_WORDS[choice.locale]
  const { workspace, period, model, locale, theme } = choice
  return html`
    <header class="top">
      <h1>${words.title}</h1>
      ${workspacePicker()} ${periodPicker()}
      <span class="gap"></span>
      ${known.demo ? nothing : html`<a href="./console/?locale=${locale}">${words.console}</a>`}
      ${picker(words.language, locale, Object.entries(LANGUAGES), (value) => choose({ locale: languageOf(value) }))}
      ${picker(
        words.theme,
        theme,
        THEMES.map((each) => [each, words.themes[each]]),
        (value) => choose({ theme: value as Choice['theme'] }),
      )}
    </header>
    <main>
      ${known.demo ? html`<p class="notice">${words.demo} <code>npm run -s roi-panel -- serve</code></p>` : nothing}
      <roi-panel
        workspace=${workspace || nothing}
        period=${period}
        model=${model || nothing}
        locale=${locale}
        theme=${theme}
        @roi-model-change=${(event: HTMLElementEventMap['roi-model-change']) => choose({ model: event.detail.model })}
      ><p slot="empty">${words.empty}</p></roi-panel>
      ${importSection({ words, locale, importer, isOver, add: (files) => void bring(files), retry: (index) => void again(index) })}
    </main>
  `
}

function workspacePicker(): TemplateResult | typeof nothing {
  if (known.workspaces.length < 2) return nothing
  const options = known.workspaces.map(({ key, title }) => [key, safe(title)] as const)
  return picker(PAGE_WORDS[choice.locale].workspace, choice.workspace, options, (workspace) => choose({ workspace }))
}

function periodPicker(): TemplateResult {
  const words = PAGE_WORDS[choice.locale]
  const now = isCustom ? 'custom' : (PERIODS.find((each) => each === choice.period) ?? 'all')
  const pick = (value: string) => {
    isCustom = value === 'custom'
    choose(isCustom ? {} : { period: value })
  }
  const list = picker(
    words.period,
    now,
    PERIODS.map((each: PeriodChoice) => [each, words.periods[each]]),
    pick,
  )
  if (!isCustom) return list
  // The address is half-open, people name the last day inside.
  const [from = '', end = ''] = choice.period.includes('..') ? choice.period.split('..') : []
  const last = end && addDays(end, -1)
  const set = (a: string, b: string) => choose({ period: a || b ? `${a}..${b && addDays(b, 1)}` : 'all' })
  const value = (event: Event) => (event.target as HTMLInputElement).value
  return html`${list}<span class="days">
    <label>${words.from} <input type="date" .value=${from} max=${last || nothing} @change=${(event: Event) => set(value(event), last)} /></label>
    <label>${words.to} <input type="date" .value=${last} min=${from || nothing} @change=${(event: Event) => set(from, value(event))} /></label>
  </span>`
}

function picker(
  label: string,
  now: string,
  options: Iterable<readonly [string, string]>,
  pick: (value: string) => void,
): TemplateResult {
  return html`<label><span class="vh">${label}</span>
    <select @change=${(event: Event) => pick((event.target as HTMLSelectElement).value)}>
      ${[...options].map(([value, text]) => html`<option value=${value} ?selected=${value === now}>${text}</option>`)}
    </select>
  </label>`
}

async function bring(files: Iterable<File> | null): Promise<void> {
  const list = [...(files ?? [])]
  if (list.length > 0 && (await importer.add(list, choice.workspace, choice.locale))) await refresh()
}

async function again(index: number): Promise<void> {
  if (await importer.retry(index, choice.workspace, choice.locale)) await refresh()
}

async function refresh(): Promise<void> {
  await document.querySelector<RoiPanel>('roi-panel')?.refresh()
}

function recalled(): { locale?: string; theme?: string } {
  try {
    return (JSON.parse(localStorage.getItem(STORE) ?? '{}') ?? {}) as { locale?: string; theme?: string }
  } catch {
    return {}
  }
}

// A file that misses the zone must not replace the page.
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
  document.addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    const over = type === 'dragenter' || type === 'dragover'
    if (type === 'dragleave' && event.relatedTarget) return
    if (over !== isOver) {
      isOver = over
      draw()
    }
    if (type === 'drop') void bring(event.dataTransfer.files)
  })
}
