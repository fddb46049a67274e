import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../charts/icons.ts'
import { difference } from '../decimal.ts'
import type { View } from '../view.ts'

/** Share of credit with cost below which the strip warns (product.md §5). */
const COMPLETE_FROM = 95
/** Coverage below which the strip warns (product.md §5). */
const COVERED_FROM = 80

/** One line that says what the figures rest on: as-of, model, basis, currency, coverage, costs, reconciliation. */
export function trustStrip(view: View): TemplateResult {
  const { panel, now, words, format } = view
  const t = words.trust
  const { coverage, cost_completeness: complete } = now
  const [before, value, after] = t.completeness(complete === null ? '' : format.percent(complete))
  return html`<ul class="trust" part="trust" aria-label=${t.label}>
    <li>${t.asOf} <b>${panel.as_of ? format.time(panel.as_of) : t.noData}</b></li>
    <li>${t.model} <b>${words.models[view.model]}</b></li>
    <li>${t.basis(panel.revenue_basis, panel.date_basis)} · <b>${panel.currency}</b></li>
    ${panel.maturity.immature ? html`<li class="wrn">${icon('clock')}${t.immature}</li>` : nothing}
    <li class=${coverage !== null && coverage < COVERED_FROM ? 'wrn' : ''}>
      ${coverage !== null && coverage < COVERED_FROM ? icon('warn') : nothing}${t.coverage}
      <b>${coverage === null ? missing(view, 'coverage') : format.percent(coverage)}</b>
    </li>
    ${
      complete === null || complete >= COMPLETE_FROM
        ? nothing
        : html`<li class="wrn">${icon('warn')}${before} <b>${value}</b> ${after}</li>`
    }
    ${
      panel.reconciliation.ok
        ? html`<li class="end">${icon('check', 'pos')}${t.reconciled} <b>${format.money(panel.reconciliation.crm)}</b></li>`
        : html`<li class="end neg">${icon('cross')}${t.mismatch} <b>${format.exact(gap(view))}</b></li>`
    }
  </ul>`
}

/** Attributed + unattributed − CRM, exact. */
export function gap(view: View): string {
  const { attributed, unattributed, crm } = view.panel.reconciliation
  return difference(attributed, unattributed, crm, view.panel.digits)
}

function missing(view: View, field: 'coverage'): string {
  const reason = view.now.reasons[field]
  return reason ? `${view.words.na} · ${view.words.reasons[reason]}` : view.words.na
}
