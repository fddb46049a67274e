import { html, nothing, type TemplateResult } from 'lit'
import type { Row } from '../../src/api.ts'
import { icon } from '../charts/icons.ts'
import type { Column } from '../locales/words.ts'
import type { View } from '../view.ts'
import type { Cells } from './channel-model.ts'

/** The seven columns, fixed by product.md §6. */
export const COLUMNS: readonly Column[] = ['label', 'cost', 'leads', 'cpl', 'won', 'revenue', 'roi']

/** The columns between name and ROI. */
export const NUMBERS = ['cost', 'leads', 'cpl', 'won', 'revenue'] as const

/** ROI with a word beside the minus, or n/a with its reason. */
export function roiText(view: View, row: Row, cells: Cells): TemplateResult {
  if (cells.roi === null) return html`<span class="roi-v">${missing(view, row, 'roi')}</span>`
  if (row.roi! >= 0) return html`<span class="roi-v b">${cells.roi}</span>`
  return html`<span class="roi-v b neg">${icon('down')}${cells.roi}<span class="vh"> ${view.words.channels.loss}</span></span>`
}

/** n/a and, in the same cell, why. */
export function missing(view: View, row: Row, column: Column): TemplateResult {
  const reason = row.reasons[column === 'cpl' ? 'cpl' : 'roi']
  return html`<span class="na">${view.words.na}${reason ? html`<small>${view.words.reasons[reason]}</small>` : nothing}</span>`
}
