import { html, nothing, svg, type TemplateResult } from 'lit'
import type { Row } from '../../src/api.ts'
import { roiBar } from '../charts/bar.ts'
import { icon } from '../charts/icons.ts'
import { channelMark } from '../charts/mark.ts'
import { pct, type Scale, scaleOf } from '../charts/scale.ts'
import type { Column, Metric } from '../locales/words.ts'
import { rove } from '../roving.ts'
import { safe } from '../text.ts'
import { thresholdRoi, type View } from '../view.ts'
import { COLUMNS, missing, NUMBERS, roiText } from './channel-cells.ts'
import { type Cells, cellsOf, channelFinding, sortRows } from './channel-model.ts'
import { outsideRows, reconciliationRow } from './channel-sums.ts'

/** Figure a click on a column explains; the deals of the row come with each. */
const METRICS: Partial<Record<Column, Metric>> = { cost: 'cost', cpl: 'cpl', won: 'revenue', revenue: 'revenue' }

/** The channel table with its bars, or the list below 360 px. */
export function channelBlock(view: View): TemplateResult {
  const t = view.words.channels
  const rows = sortRows(view.now.rows, view.sort, view.words.tag)
  const threshold = thresholdRoi(view.panel)
  const scale = scaleOf([...rows.map(({ roi }) => roi), view.now.total.roi, threshold])
  const list = view.size === 'list'
  return html`<figure class="block" part="channels" aria-labelledby="channels-h channels-f">
    <figcaption class="bh">
      <div>
        <h2 id="channels-h">${t.label}${list ? ` · ${view.panel.currency}` : ''}</h2>
        <p class="find" id="channels-f">${channelFinding(view)}</p>
      </div>
      ${list ? nothing : html`<p class="act">${t.sorted(view.words.columns[view.sort.column], view.sort.descending)}</p>`}
    </figcaption>
    ${list ? view.list?.(view, rows, scale) : table(view, rows, scale)}
    ${list ? nothing : key(view, threshold)}
  </figure>`
}

function table(view: View, rows: readonly Row[], scale: Scale): TemplateResult {
  const cells = cellsOf(view)
  const threshold = thresholdRoi(view.panel)
  return html`<div class="scroll"><table class="t" part="table" data-rove @keydown=${rove}>
    <thead><tr>${COLUMNS.map((column) => head(view, column, scale))}</tr></thead>
    <tbody>${rows.map((row) => line(view, row, cells(row), threshold, scale))}</tbody>
    <tbody>
      ${sumRow(view, cells(view.now.total), scale)} ${outsideRows(view)}
    </tbody>
    <tfoot>${reconciliationRow(view)}</tfoot>
  </table></div>`
}

function head(view: View, column: Column, scale: Scale): TemplateResult {
  const on = view.sort.column === column
  const order = on ? (view.sort.descending ? 'descending' : 'ascending') : nothing
  const button = html`<button part="button" @click=${() => view.actions.sortBy(column)}>${
    on ? icon(view.sort.descending ? 'down' : 'up') : nothing
  }${view.words.columns[column]}</button>`
  if (column === 'label') return html`<th scope="col" class="who" aria-sort=${order}>${button}</th>`
  if (column !== 'roi') return html`<th scope="col" class="n" aria-sort=${order}>${button}</th>`
  return html`<th scope="col" class="n roi-c" aria-sort=${order}><span class="rb"><span class="roi-v">${button}</span>${axis(view, scale)}</span></th>`
}

/** Ends of the bars' common scale, in the head. */
function axis(view: View, scale: Scale): TemplateResult {
  const values = [...view.now.rows.map(({ roi }) => roi), view.now.total.roi].filter((roi) => roi !== null)
  const zero = scale.at(0)
  const right = zero < 60
  const end = right ? Math.max(0, ...values) : Math.min(0, ...values)
  return html`<svg class="axis" part="axis" aria-hidden="true">
    ${svg`<text x=${pct(zero)} y="10" text-anchor=${zero < 8 ? 'start' : zero > 92 ? 'end' : 'middle'}>0%</text>`}
    ${end === 0 ? nothing : svg`<text x=${right ? '100%' : '0'} y="10" text-anchor=${right ? 'end' : 'start'}>${view.format.percent(end)}</text>`}
  </svg>`
}

function line(view: View, row: Row, cells: Cells, threshold: number, scale: Scale): TemplateResult {
  const name = safe(row.label)
  // The columns are named as their figures, so the explained number can be marked.
  const metric = view.target?.row?.key === row.key ? view.target.metric : null
  const open = (event: Event) => {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]')
    view.actions.open({ metric: METRICS[cell?.dataset.column as Column] ?? 'roi', row })
  }
  const number = (column: keyof Cells) =>
    html`<td class="n ${metric === column ? 'on' : ''}" data-column=${column}>${cells[column] ?? missing(view, row, column)}</td>`
  return html`<tr class="row ${metric === 'roi' ? 'sel' : ''}" part="row" @click=${open}>
    <th scope="row" class="who"><span>
      ${channelMark(view.markOf(row.key))}
      <button class="name cut" data-item data-open=${row.key} title=${name}><bdi>${name}</bdi></button>
    </span></th>
    ${NUMBERS.map(number)}
    <td class="n roi-c"><span class="rb">${roiText(view, row, cells)}${roiBar(row.roi, threshold, scale)}</span></td>
  </tr>`
}

function sumRow(view: View, cells: Cells, scale: Scale): TemplateResult {
  const { total } = view.now
  return html`<tr class="sum">
    <th scope="row">${view.words.total}</th>
    ${NUMBERS.map((column) => html`<td class="n">${cells[column] ?? missing(view, total, column)}</td>`)}
    <td class="n roi-c"><span class="rb">${roiText(view, total, cells)}${roiBar(total.roi, null, scale, true)}</span></td>
  </tr>`
}

function key(view: View, threshold: number): TemplateResult {
  const t = view.words.channels
  const sample = (kind: string, edge: number) =>
    html`<svg width="20" height="8" aria-hidden="true"><rect class=${kind} x=${edge} y=${edge} width=${20 - 2 * edge} height=${8 - 2 * edge}></rect></svg>`
  return html`<p class="key">
    <span>${sample('fa', 0)}ROI</span>
    <span>${sample('fs ln', 0.5)}${t.keyLoss}</span>
    <span><svg width="4" height="12" aria-hidden="true"><line class="li" stroke-width="1.5" x1="2" x2="2" y1="0" y2="12"></line></svg>${t.keyThreshold(
      view.format.count(threshold / 100 + 1),
      view.format.percent(threshold),
    )}</span>
  </p>`
}
