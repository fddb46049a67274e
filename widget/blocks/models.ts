import { html, nothing, type TemplateResult } from 'lit'
import type { Panel } from '../../src/api.ts'
import { nextItem } from '../roving.ts'
import { inSentence } from '../text.ts'
import type { RuleModel, SpreadMode, View } from '../view.ts'
import { spreadRanges } from './spread.ts'

type Offer = Panel['models'][number]

/** The model switcher and how far the models are apart. */
export function modelBlock(view: View): TemplateResult {
  const t = view.words.spread
  const toggle = (mode: SpreadMode, label: string) => html`<button
    aria-pressed=${view.spread === mode ? 'true' : 'false'}
    @click=${() => view.actions.setSpread(view.spread === mode ? 'chart' : mode)}
  >
    ${label}
  </button>`
  return html`<figure class="block" part="models" aria-labelledby="models-h models-f">
    <figcaption class="bh">
      <div>
        <h2 id="models-h">${t.label}</h2>
        <p class="find" id="models-f">${finding(view)}</p>
      </div>
      <div class="act" part="toolbar">${toggle('table', view.words.table)}${toggle('compare', t.compare)}</div>
    </figcaption>
    ${view.size === 'list' || view.size === 'record' ? picker(view) : switcher(view)} ${unavailable(view)}
    ${body(view)}
  </figure>`
}

/** Models whose view is here, and those that are off with their reason; the others would need a request of their own. */
function offersOf(view: View): Offer[] {
  return view.panel.models.filter((offer) => !offer.available || isUsable(view, offer))
}

function body(view: View): TemplateResult | undefined {
  if (view.spread === 'chart') return spreadRanges(view)
  return view.spread === 'table' ? view.details?.spreadTable(view) : view.details?.compareTable(view)
}

function finding(view: View): string {
  const { spread } = view.panel
  const depends = spread.filter((each) => each.verdict === 'depends').map((each) => inSentence(each.label))
  const robust = spread.filter((each) => each.verdict === 'robust').length
  return view.words.spread.finding(robust, depends, spread.length - robust - depends.length)
}

/** Radios as text tabs. Models that are off stay reachable, so that their reason can be read. */
function switcher(view: View): TemplateResult {
  return html`<div class="models" role="radiogroup" aria-label=${view.words.spread.label} @keydown=${(event: KeyboardEvent) => move(event, view)}>
    ${offersOf(view).map((offer) => {
      const checked = offer.id === view.model
      const usable = isUsable(view, offer)
      return html`<button
        role="radio"
        part="button"
        data-model=${offer.id}
        tabindex=${checked ? 0 : -1}
        aria-checked=${checked ? 'true' : 'false'}
        aria-disabled=${usable ? nothing : 'true'}
        aria-describedby=${usable ? nothing : 'models-off'}
        @click=${() => choose(view, offer)}
      >
        ${view.words.models[offer.id]}
      </button>`
    })}
  </div>`
}

/** Below 600 px fifteen names would fill the screen: the host's own list is shorter and known. */
function picker(view: View): TemplateResult {
  const pick = (event: Event) => view.actions.selectModel((event.target as HTMLSelectElement).value as RuleModel)
  return html`<label class="picker"><span class="vh">${view.words.spread.label}</span>
    <select class="select" part="button" .value=${view.model} @change=${pick}>
      ${offersOf(view).map(
        (offer) =>
          html`<option value=${offer.id} ?selected=${offer.id === view.model} ?disabled=${!isUsable(view, offer)}>
            ${view.words.models[offer.id]}
          </option>`,
      )}
    </select>
  </label>`
}

/** Why models are off, models with the same reason together: “58 / 300 not enough data”. */
function unavailable(view: View): TemplateResult | typeof nothing {
  const t = view.words.spread
  const groups = new Map<string, { offer: Offer; names: string[] }>()
  for (const offer of view.panel.models) {
    if (offer.available) continue
    const group = groups.get(`${offer.reason} ${offer.have}`) ?? { offer, names: [] }
    group.names.push(view.words.models[offer.id])
    groups.set(`${offer.reason} ${offer.have}`, group)
  }
  if (groups.size === 0) return nothing
  const lines = [...groups.values()].map(({ offer, names }) => {
    const list = view.words.list(names)
    if (offer.have !== undefined && offer.need !== undefined) {
      return t.floor(list, view.format.count(offer.have), view.format.count(offer.need))
    }
    return t.off(list, view.words.reasons[offer.reason ?? 'not_enough_data'])
  })
  return html`<p class="note" id="models-off">${lines.map((line) => html`<span>${line}</span> `)}</p>`
}

function isUsable(view: View, offer: Offer): boolean {
  return offer.id in view.panel.views
}

function choose(view: View, offer: Offer): void {
  if (isUsable(view, offer)) view.actions.selectModel(offer.id as RuleModel)
}

function move(event: KeyboardEvent, view: View): void {
  const group = event.currentTarget as HTMLElement
  const radios = [...group.querySelectorAll<HTMLElement>('[role=radio]')]
  const next = nextItem(radios, event.target as HTMLElement, event.key)
  if (!next) return
  event.preventDefault()
  for (const radio of radios) radio.tabIndex = radio === next ? 0 : -1
  next.focus()
  const offer = view.panel.models.find((each) => each.id === next.dataset.model)
  if (offer) choose(view, offer)
}
