import { html, nothing, svg, type TemplateResult } from 'lit'
import { pct, type Scale } from './scale.ts'

/** What a range shows: lowest and highest ROI over all models, the one of the current model, the benchmark. */
export interface RangeValues {
  readonly min: number
  readonly max: number
  readonly now: number | null
  readonly threshold: number
}

/** Spread of one channel over the models. The words beside it say the same, so it is hidden from the accessibility tree. */
export function rangeChart(values: RangeValues, fill: string, scale: Scale): TemplateResult {
  const from = scale.at(values.min)
  const width = Math.max(scale.at(values.max) - from, 0.8)
  const line = (at: number, kind: string, thick: number) =>
    svg`<line class=${kind} stroke-width=${thick} x1=${pct(at)} x2=${pct(at)} y1="4" y2="16"/>`
  return html`<svg class="range" aria-hidden="true">
    <line class="l" x1="0" x2="100%" y1="10" y2="10"></line>
    ${line(scale.at(values.threshold), 'lc', 1)}
    <rect class=${fill} x=${pct(from)} y="8" width=${pct(width)} height="4"></rect>
    ${values.now === null ? nothing : line(scale.at(values.now), 'li', 2)}
  </svg>`
}
