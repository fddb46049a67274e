import { html, nothing, type TemplateResult } from 'lit'
import type { Spread } from '../../src/api.ts'
import { channelMark } from '../charts/mark.ts'
import { safe } from '../text.ts'
import type { View } from '../view.ts'
import { verdict } from './spread.ts'

/** The ranges as a table, with the models that give the extremes. */
export function spreadTable(view: View): TemplateResult {
  const t = view.words.spread
  const cell = (value: number | null, model: Spread['min_model'], reason: Spread['reason']) =>
    value === null
      ? html`<td class="n na">${view.words.na}${reason ? html`<small>${view.words.reasons[reason]}</small>` : nothing}</td>`
      : html`<td class="n">${view.format.percent(value)}<small class="q"> ${model ? view.words.models[model] : ''}</small></td>`
  return html`<div class="scroll"><table class="t" part="table">
    <thead><tr>
      <th scope="col">${t.channel}</th><th scope="col" class="n">${t.lowest}</th>
      <th scope="col" class="n">${t.highest}</th><th scope="col" class="n">${t.verdict}</th>
    </tr></thead>
    <tbody>${view.panel.spread.map(
      (each) => html`<tr>
        <th scope="row" class="who"><span>${channelMark(view.markOf(each.key))}<bdi class="cut">${safe(each.label)}</bdi></span></th>
        ${cell(each.min, each.min_model, each.reason)} ${cell(each.max, each.max_model, each.reason)}
        <td class="n">${verdict(view, each)}</td>
      </tr>`,
    )}</tbody>
  </table></div>`
}
