import { html, nothing, type TemplateResult } from 'lit'
import type { Row } from '../../src/api.ts'
import { roiBar } from '../charts/bar.ts'
import { icon } from '../charts/icons.ts'
import { channelMark } from '../charts/mark.ts'
import type { Scale } from '../charts/scale.ts'
import type { Column } from '../locales/words.ts'
import { rove } from '../roving.ts'

export { listStyles } from '../styles/list.ts'

import { safe } from '../text.ts'
import { thresholdRoi, type View } from '../view.ts'
import { COLUMNS, missing, NUMBERS, roiText } from './channel-cells.ts'
import { type Cells, cellsOf } from './channel-model.ts'
import { outside, unattributedButton } from './channel-sums.ts'

/** Below 360 px each channel is a heading, a bar and a definition list in the table's order. */
export function channelList(view: View, rows: readonly Row[], scale: Scale): TemplateResult {
  const cells = cellsOf(view)
  const t = view.words.channels
  const text = outside(view)
  const { ok } = view.panel.reconciliation
  return html`${sortPicker(view)}
    <ol part="table" data-rove @keydown=${rove}>
      ${rows.map((row) => item(view, row, cells(row), scale))}
      <li class="ch sum">
        <div class="top"><h3>${view.words.total}</h3>${roiText(view, view.now.total, cells(view.now.total))}</div>
        ${facts(view, view.now.total, cells(view.now.total))}
      </li>
      ${text.hasUncosted ? aside(t.uncosted, t.revenue(text.uncostedRevenue), text.uncostedWhy) : nothing}
      ${aside(unattributedButton(view), t.revenue(text.unattributedRevenue), `${view.words.na} · ${t.unattributedWhy}`)}
      <li class="ch">
        <div class="top ${ok ? 'm' : 'neg'}">
          <h3>${ok ? icon('check', 'pos') : icon('cross')}${ok ? t.reconciled : t.mismatch}</h3><span>${text.crm}</span>
        </div>
        <p class="s m">${text.difference}</p>
      </li>
    </ol>`
}

function item(view: View, row: Row, cells: Cells, scale: Scale): TemplateResult {
  const name = safe(row.label)
  const selected = view.target?.row?.key === row.key
  return html`<li class="ch ${selected ? 'sel' : ''}" part="row">
    <div class="top">
      <h3>
        ${channelMark(view.markOf(row.key))}<button
          class="name cut"
          data-item
          data-open=${row.key}
          title=${name}
          @click=${() => view.actions.open({ metric: 'roi', row })}
        ><bdi>${name}</bdi></button>
      </h3>
      ${roiText(view, row, cells)}
    </div>
    ${row.roi === null ? nothing : roiBar(row.roi, thresholdRoi(view.panel), scale)} ${facts(view, row, cells)}
  </li>`
}

function facts(view: View, row: Row, cells: Cells): TemplateResult {
  return html`<dl>${NUMBERS.map(
    (column) =>
      html`<div><dt>${view.words.columns[column]}</dt><dd>${cells[column] ?? missing(view, row, column)}</dd></div>`,
  )}</dl>`
}

function aside(title: string | TemplateResult, value: string, why: string): TemplateResult {
  return html`<li class="ch"><div class="top m"><h3>${title}</h3><span>${value}</span></div><p class="s m">${why}</p></li>`
}

/** The table sorts by its heads; the list has none. */
function sortPicker(view: View): TemplateResult {
  const t = view.words.channels
  const pick = (event: Event) => {
    const [column, order] = (event.target as HTMLSelectElement).value.split(' ')
    view.actions.sortBy(column as Column, order === 'down')
  }
  return html`<label class="picker"><span>${t.sortBy}</span>
    <select class="select" @change=${pick}>
      ${COLUMNS.flatMap((column) =>
        [true, false].map((descending) => {
          const on = view.sort.column === column && view.sort.descending === descending
          return html`<option value="${column} ${descending ? 'down' : 'up'}" ?selected=${on}>
            ${view.words.columns[column]} · ${descending ? t.descending : t.ascending}
          </option>`
        }),
      )}
    </select>
  </label>`
}
