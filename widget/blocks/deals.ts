import { html, nothing, type TemplateResult } from 'lit'
import type { DrillRow } from '../../src/api.ts'
import { icon } from '../charts/icons.ts'
import { toScaled } from '../decimal.ts'
import type { Deals } from '../drawer-data.ts'
import { isWhole } from '../format.ts'
import { safe } from '../text.ts'
import type { Target, View } from '../view.ts'

/** The deals a row's revenue is made of. Their sum is checked against the row: the two come from different requests. */
export function dealList(view: View, deals: Deals, row: NonNullable<Target['row']>, more: () => void): TemplateResult {
  const { words, format, panel } = view
  const t = words.drawer
  if (deals.count === 0) return html`<p class="s q">${t.noDeals}</p>`
  const digits = format.digitsFor([...deals.rows.flatMap(({ amount, credited }) => [amount, credited]), deals.credited])
  const agrees = toScaled(deals.credited, panel.digits) === toScaled(row.revenue, panel.digits)
  const rest = deals.count - deals.rows.length
  return html`<div class="scroll"><table class="mini deals">
      <caption>${t.deals(format.count(deals.count), deals.count === 1)}</caption>
      <thead><tr>
        <th scope="col">${t.deal}</th><th scope="col">${t.amount} × ${t.weight}</th><th scope="col">${t.credited}</th>
      </tr></thead>
      <tbody>
        ${deals.rows.map((deal) => line(view, deal, digits))}
        ${
          rest > 0 && deals.next !== null
            ? html`<tr><th scope="row" colspan="3"><button class="link" ?disabled=${deals.busy} @click=${more}>${t.more(format.count(rest))}</button></th></tr>`
            : nothing
        }
        <tr class="sum"><th scope="row">${t.sum}</th><td></td><td>${format.amount(deals.credited, digits)}</td></tr>
      </tbody>
    </table></div>
    <p class="checked ${agrees ? '' : 'neg'}">
      ${agrees ? icon('check', 'pos') : icon('cross')}${(agrees ? t.agrees : t.disagrees)(format.amount(row.revenue, digits))}
    </p>`
}

function line(view: View, deal: DrillRow, digits: number): TemplateResult {
  const { format } = view
  const name = safe(deal.name ?? deal.deal_id)
  const account = deal.account ? safe(deal.account) : ''
  const percent = deal.weight * 100
  const weight = isWhole(percent) ? `${format.count(Math.round(percent))}%` : format.percent(percent)
  return html`<tr>
    <th scope="row">
      <span class="cut" title=${name}><bdi>${name}</bdi></span>
      ${account ? html`<small class="q cut" title=${account}><bdi>${account}</bdi></small>` : nothing}
    </th>
    <td class="m">${format.amount(deal.amount, digits)} × ${weight}<small class="q">${format.day(deal.closed_at)}</small></td>
    <td>
      ${format.amount(deal.credited, digits)}
      <small class="q">${view.words.drawer.touches(format.count(deal.touches), format.count(deal.touches_total))}</small>
    </td>
  </tr>`
}
