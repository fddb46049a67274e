import { html, nothing, svg, type TemplateResult } from 'lit'
import type { RecordView } from '../src/api.ts'
import { icon } from './charts/icons.ts'
import { channelMark } from './charts/mark.ts'
import type { RequestError } from './client.ts'
import type { Format } from './format.ts'
import type { Words } from './locales/words.ts'
import { inSentence, safe } from './text.ts'

type Credit = RecordView['credit'][number]
type Step = RecordView['journey'][number]

/** Everything the view of a record needs to draw itself. */
export interface RecordScene {
  readonly view: RecordView
  readonly words: Words
  readonly format: Format
  /** Another model is on its way; what is shown is still the last one. */
  readonly busy: boolean
  readonly asTable: boolean
  /** Entries of the journey. */
  readonly shown: number
  readonly stale: TemplateResult | null
  readonly selectModel: (model: string) => void
  readonly toggleTable: () => void
  readonly showMore: () => void
}

/** Key of what no touch explains. */
const UNATTRIBUTED = '(unattributed)'
/** Channels named in the finding of the credit. */
const NAMED = 3

/** One record: the sentence that answers first, then figures, who earned it, how it came about, and its deals. */
export function recordBody(scene: RecordScene): TemplateResult {
  const { view, words, stale } = scene
  const empty = view.state === 'empty'
  return html`${stale}${trust(scene)}${mismatch(scene)}
    <div class=${scene.busy ? 'is-busy' : ''}><div class="body">
      ${head(scene)} ${figures(scene)}
      ${empty ? html`<section class="block"><p class="m">${words.record.empty}</p></section>` : html`${credit(scene)} ${journey(scene)}`}
      ${deals(scene)}
    </div></div>
    <footer class="foot-bar" part="footer"><bdi>${safe(view.workspace.title)}</bdi></footer>`
}

/** The record is newer than the last run, or belongs to somebody else. */
export function unknownRecord(words: Words, error: RequestError, retry: () => void): TemplateResult {
  return html`<section class="state" part="empty" role="status">
    <h2 class="find">${words.record.unknown}</h2>
    <p>${safe(error.message, 400)}</p>
    ${error.remedy ? html`<p>${safe(error.remedy, 400)}</p>` : nothing}
    <div class="go"><button class="btn" part="button" @click=${retry}>${words.retry}</button></div>
  </section>`
}

function trust({ view, words, format }: RecordScene): TemplateResult {
  const t = words.trust
  const { reconciliation } = view
  return html`<ul class="trust" part="trust" aria-label=${t.label}>
    <li>${t.asOf} <b>${view.as_of ? format.time(view.as_of) : t.noData}</b></li>
    <li>${t.basis('booked', 'close')} · <b>${view.currency}</b></li>
    ${
      reconciliation === null
        ? nothing
        : reconciliation.ok
          ? html`<li class="end">${icon('check', 'pos')}${t.reconciled} <b>${format.money(reconciliation.crm)}</b></li>`
          : html`<li class="end neg">${icon('cross')}${t.mismatch}</li>`
    }
  </ul>`
}

function mismatch({ view, words, format }: RecordScene): TemplateResult | typeof nothing {
  const { reconciliation } = view
  if (!reconciliation || reconciliation.ok) return nothing
  const { attributed, unattributed, crm } = reconciliation
  return html`<div class="band bad" role="alert"><p>
    ${icon('warn', 'neg')}${words.trust.mismatchText(format.exact(attributed), format.exact(unattributed), format.exact(crm))}
  </p></div>`
}

function head({ view, words, selectModel }: RecordScene): TemplateResult {
  const pick = (event: Event) => selectModel((event.target as HTMLSelectElement).value)
  return html`<section class="block rh" aria-labelledby="record-h">
    <div>
      <h2 id="record-h">${words.record.types[view.record.type]} · <bdi>${safe(view.record.name)}</bdi></h2>
      <p class="say">${safe(view.sentence, 600)}</p>
      ${view.state === 'open' ? html`<p class="note">${words.record.open}</p>` : nothing}
    </div>
    ${
      view.models.length > 1
        ? html`<label class="picker">${words.trust.model}
            <select class="select" part="button" .value=${view.model} @change=${pick}>
              ${view.models.map(({ id }) => html`<option value=${id} ?selected=${id === view.model}>${words.models[id]}</option>`)}
            </select>
          </label>`
        : nothing
    }
  </section>`
}

function figures({ view, words }: RecordScene): TemplateResult | typeof nothing {
  if (view.figures.length === 0) return nothing
  return html`<section class="block" aria-label=${words.record.figures}><dl class="figs">
    ${view.figures.map(
      ({ label, text, reason, value, unit }) => html`<div part="tile">
        <dt>${safe(label)}</dt>
        <dd class=${value === null && unit !== 'text' ? 'm' : ''}><span part="value">${reason && reason !== 'fx_missing' ? words.na : safe(text)}</span>${reason ? html`<small>${words.reasons[reason]}</small>` : nothing}</dd>
      </div>`,
    )}
  </dl></section>`
}

function credit(scene: RecordScene): TemplateResult | typeof nothing {
  const { view, words, format, asTable, toggleTable } = scene
  if (view.credit.length === 0) return nothing
  const named = view.credit
    .slice(0, NAMED)
    .map(({ label, share }) => `${inSentence(label)} ${format.percent(share * 100)}`)
  return html`<figure class="block" part="channels" aria-labelledby="credit-h credit-f">
    <figcaption class="bh">
      <div>
        <h2 id="credit-h">${words.record.credit}</h2>
        <p class="find" id="credit-f">${words.record.credits(named, view.credit.length - named.length)}</p>
      </div>
      <div class="act" part="toolbar">
        <button aria-pressed=${asTable ? 'true' : 'false'} @click=${toggleTable}>${words.table}</button>
      </div>
    </figcaption>
    ${asTable ? creditTable(scene) : html`${stack(view.credit)}<ul class="cl">${view.credit.map((one, i) => creditLine(scene, one, i))}</ul>`}
  </figure>`
}

/** Whose part is how large, as one bar. The list below says the same, so it is hidden from the accessibility tree. */
function stack(credit: readonly Credit[]): TemplateResult {
  let at = 0
  const parts = credit.map(({ key, share }, i) => {
    const from = at
    at += Math.max(0, share)
    return svg`<rect part="bar" class=${fillOf(key, i)} x=${pct(from)} y="0" width=${pct(Math.max(0, share))} height="14"/>
      <line class="lsu" stroke-width="2" x1=${pct(at)} x2=${pct(at)} y1="0" y2="14"/>`
  })
  return html`<svg class="stack" aria-hidden="true">${parts}</svg>`
}

function creditLine({ format, words }: RecordScene, { key, label, share, amount, touches }: Credit, i: number) {
  return html`<li>
    ${key === UNATTRIBUTED ? svg`<svg class="sw" viewBox="0 0 8 8" aria-hidden="true"><path class="fc" d="M0 3h8v2H0Z"/></svg>` : channelMark(i)}
    <bdi class="nm">${safe(label)}</bdi>
    <b>${format.percent(share * 100)}</b>
    <span class="m">${amount === null ? '' : format.money(amount)}</span>
    <span class="q xs">${touches > 0 ? `${words.record.touches} ${format.count(touches)}` : ''}</span>
  </li>`
}

function creditTable({ view, words, format }: RecordScene): TemplateResult {
  const t = words.record
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="credit-h"><table class="rt" part="table">
    <thead><tr>
      <th scope="col">${words.columns.label}</th><th scope="col" class="n">${t.share}</th>
      <th scope="col" class="n">${words.drawer.credited}</th><th scope="col" class="n">${t.touches}</th>
    </tr></thead>
    <tbody>${view.credit.map(
      ({ label, share, amount, touches }) => html`<tr part="row">
        <th scope="row"><bdi>${safe(label)}</bdi></th><td class="n">${format.percent(share * 100)}</td>
        <td class="n">${amount === null ? words.na : format.exact(amount)}</td><td class="n">${format.count(touches)}</td>
      </tr>`,
    )}</tbody>
  </table></div>`
}

function journey(scene: RecordScene): TemplateResult | typeof nothing {
  const { view, words, shown, showMore } = scene
  if (view.journey.length === 0) return nothing
  const t = words.record
  const newest = view.journey.toReversed()
  const touches = newest.filter(({ kind }) => kind === 'touch').length
  const people = new Set(newest.flatMap(({ person }) => person?.id ?? [])).size
  const rest = newest.length - shown
  return html`<section class="block" part="journey" aria-labelledby="journey-h">
    <div class="bh"><div>
      <h2 id="journey-h">${t.journey}</h2>
      <p class="find">${t.steps(touches + view.journey_more, people, view.journey_more)}</p>
    </div></div>
    <ol class="tl">${newest.slice(0, shown).map((step) => entry(scene, step))}</ol>
    ${rest > 0 ? html`<button class="link s" @click=${showMore}>${t.more(Math.min(rest, 20))}</button>` : nothing}
  </section>`
}

/** A touch carries the mark of its channel, a milestone is hollow and strong: never colour alone. */
function entry({ view, words, format }: RecordScene, step: Step): TemplateResult {
  const { kind, at, label, campaign, person, share, amount } = step
  const index = view.credit.findIndex(({ key }) => key === step.channel)
  const milestone = kind !== 'touch'
  const about = [campaign?.name, view.record.type === 'contact' ? null : person?.name]
    .filter((name) => name !== null && name !== undefined && name !== '')
    .map((name) => safe(String(name)))
  return html`<li class=${milestone ? 'ms' : ''}>
    ${
      milestone
        ? svg`<svg class="sw" viewBox="0 0 8 8" aria-hidden="true"><path class="fs li" d="M4 .8 7.2 4 4 7.2.8 4Z"/></svg>`
        : index >= 0
          ? channelMark(index)
          : svg`<svg class="sw" viewBox="0 0 8 8" aria-hidden="true"><circle class="fc" cx="4" cy="4" r="2.5"/></svg>`
    }
    <div>
      <time datetime=${at}>${format.time(at)}</time>
      <p><bdi>${safe(label, 200)}</bdi></p>
      ${about.map((name) => html`<p class="m s"><bdi>${name}</bdi></p>`)}
    </div>
    ${
      share === null || share === 0
        ? nothing
        : html`<div class="cr"><b>${amount === null ? format.percent(share * 100) : format.money(amount)}</b><small>${words.record.earned(format.percent(share * 100))}</small></div>`
    }
  </li>`
}

function deals({ view, words, format }: RecordScene): TemplateResult | typeof nothing {
  if (view.deals.length === 0) return nothing
  const t = words.drawer
  return html`<section class="block" part="deals" aria-labelledby="deals-h deals-f">
    <div class="bh"><div>
      <h2 id="deals-h">${words.record.deals}</h2>
      <p class="find" id="deals-f">${words.record.dealsShown(view.deals.length, view.deals_count)}</p>
    </div></div>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="deals-h"><table class="rt" part="table">
      <thead><tr>
        <th scope="col">${t.deal}</th><th scope="col">${t.closed}</th><th scope="col" class="n">${t.amount}</th>
        <th scope="col" class="n">${t.credited}</th>
      </tr></thead>
      <tbody>${view.deals.map(
        ({ id, name, closed_at, amount, credited }) => html`<tr part="row">
          <th scope="row"><bdi>${safe(name ?? id)}</bdi></th><td>${format.day(closed_at)}</td>
          <td class="n">${amount === null ? words.na : format.exact(amount)}</td>
          <td class="n">${credited === null ? words.na : format.exact(credited)}</td>
        </tr>`,
      )}</tbody>
    </table></div>
  </section>`
}

/** As `channelMark` colours it; what no touch explains has no colour of its own. */
function fillOf(key: string, i: number): string {
  return key === UNATTRIBUTED ? 'fc' : `f${(i % 8) + 1}`
}

/** A share as SVG geometry, which stretches without a style. */
function pct(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`
}
