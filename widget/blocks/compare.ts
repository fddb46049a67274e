import { html, nothing, type TemplateResult } from 'lit'
import { safe } from '../text.ts'
import type { RuleModel } from '../view.ts'
import { thresholdRoi, type View } from '../view.ts'
import { verdict } from './spread.ts'

/** ROI of every channel under every model, side by side; the last line says whether the choice matters. */
export function compareTable(view: View): TemplateResult {
  const models = view.panel.models
    .filter(({ id, available }) => available && Object.hasOwn(view.panel.views, id))
    .map(({ id }) => id as RuleModel)
  const { spread } = view.panel
  return html`<div class="scroll"><table class="t cmp" part="table">
    <thead><tr>
      <th scope="col">${view.words.spread.model}</th>
      ${spread.map((each) => html`<th scope="col" class="n cut" title=${safe(each.label)}><bdi>${safe(each.label, 40)}</bdi></th>`)}
      <th scope="col" class="n">${view.words.total}</th>
    </tr></thead>
    <tbody>
      ${models.map((model) => {
        const rois = new Map(view.panel.views[model].rows.map(({ key, roi }) => [key, roi]))
        return html`<tr class=${model === view.model ? 'on' : ''}>
          <th scope="row">${view.words.models[model]}</th>
          ${spread.map(({ key }) => cell(view, rois.get(key) ?? null))} ${cell(view, view.panel.views[model].total.roi)}
        </tr>`
      })}
      <tr>
        <th scope="row">${view.words.spread.verdict}</th>
        ${spread.map((each) => html`<td class="n">${verdict(view, each)}</td>`)}<td></td>
      </tr>
    </tbody>
  </table></div>`
}

function cell(view: View, roi: number | null): TemplateResult {
  if (roi === null) return html`<td class="n na">${view.words.na}</td>`
  const below = roi <= thresholdRoi(view.panel)
  return html`<td class="n ${below ? 'neg' : ''}">${view.format.percent(roi)}${
    below && roi < 0 ? html`<span class="vh"> ${view.words.channels.loss}</span>` : nothing
  }</td>`
}
