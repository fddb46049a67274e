import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../charts/icons.ts'
import { isWhole } from '../format.ts'
import { UNATTRIBUTED, type View } from '../view.ts'
import { gap } from './trust.ts'

/** Texts of the lines below the sum. */
export function outside(view: View) {
  const { format, now, words } = view
  const { unattributed, uncosted } = now
  const digits = format.digitsFor([
    ...now.rows.map(({ revenue }) => revenue),
    unattributed.revenue,
    uncosted.revenue,
    view.panel.reconciliation.crm,
  ])
  return {
    hasUncosted: uncosted.count > 0 || Number(uncosted.revenue) !== 0,
    uncostedRevenue: format.amount(uncosted.revenue, digits),
    uncostedWhy: words.channels.uncostedWhy(format.count(uncosted.count), uncosted.count === 1),
    unattributedLeads: whole(view, unattributed.leads, now.total.leads),
    unattributedWon: whole(view, unattributed.won, now.total.won),
    unattributedRevenue: format.amount(unattributed.revenue, digits),
    won: whole(view, now.total.won + unattributed.won, 0),
    crm: format.amount(view.panel.reconciliation.crm, digits),
    difference: words.channels.difference(format.amount(gap(view), view.panel.digits)),
  }
}

/** A count with the decimals its column has. */
function whole(view: View, count: number, beside: number): string {
  return view.format.count(count, isWhole(count) && isWhole(beside) ? 0 : 1)
}

/** Opens the deals without a touch: what to look at when coverage is low. */
export function unattributedButton(view: View): TemplateResult {
  const label = view.words.channels.unattributed
  const row = { key: UNATTRIBUTED, label, revenue: view.now.unattributed.revenue }
  return html`<button class="name" data-item data-open=${UNATTRIBUTED} @click=${() => view.actions.open({ metric: 'revenue', row })}>${label}</button>`
}

/** Revenue without cost (it is inside the sum, outside the return) and revenue without a touch (it is not). */
export function outsideRows(view: View): TemplateResult {
  const t = view.words.channels
  const text = outside(view)
  const na = html`<td class="n na">${view.words.na}</td>`
  const roi = html`<td class="n roi-c"><span class="rb"><span class="roi-v na">${view.words.na}</span><svg class="bar" aria-hidden="true"></svg></span></td>`
  return html`${
    text.hasUncosted
      ? html`<tr class="out">
          <th scope="row" colspan="5">${t.uncosted} <small>${text.uncostedWhy}</small></th>
          <td class="n">${text.uncostedRevenue}</td>${roi}
        </tr>`
      : nothing
  }
  <tr class="out">
    <th scope="row">${unattributedButton(view)} <small>${t.unattributedWhy}</small></th>
    ${na}<td class="n">${text.unattributedLeads}</td>${na}
    <td class="n">${text.unattributedWon}</td><td class="n">${text.unattributedRevenue}</td>${roi}
  </tr>`
}

/** The last line adds up to what the CRM says was won, or says by how much it does not. */
export function reconciliationRow(view: View): TemplateResult {
  const { ok } = view.panel.reconciliation
  const text = outside(view)
  return html`<tr class="rec ${ok ? '' : 'neg'}">
    <th scope="row" colspan="4">${ok ? icon('check', 'pos') : icon('cross')}${ok ? view.words.channels.reconciled : view.words.channels.mismatch}</th>
    <td class="n">${text.won}</td><td class="n">${text.crm}</td><td class="n s roi-c">${text.difference}</td>
  </tr>`
}
