import { html, nothing, svg, type TemplateResult } from 'lit'
import { pct, type Scale } from './scale.ts'

/**
 * ROI of one row on the scale of its table: solid to the right, hollow to the left of zero, the benchmark as a tick.
 * Decoration for the eye: the number stands beside it, so it is hidden from the accessibility tree.
 */
export function roiBar(value: number | null, threshold: number | null, scale: Scale, sum = false): TemplateResult {
  if (value === null) return html`<svg class="bar" aria-hidden="true"></svg>`
  const zero = scale.at(0)
  const end = scale.at(value)
  const width = pct(Math.max(Math.abs(end - zero), 0.3))
  const bar =
    value < 0
      ? svg`<rect part="bar" class="fs ln" x=${pct(end)} y="4.5" width=${width} height="7"/>`
      : svg`<rect part="bar" class=${sum ? 'fc' : 'fa'} x=${pct(zero)} y="4" width=${width} height="8"/>`
  return html`<svg class="bar" aria-hidden="true">
    ${bar}
    <line class="lc" x1=${pct(zero)} x2=${pct(zero)} y1="0" y2="16"></line>
    ${threshold === null ? nothing : tick(scale.at(threshold))}
  </svg>`
}

/** The benchmark: an ink tick with a halo, so that it shows on the bar as well as beside it. */
function tick(at: number): TemplateResult {
  const x = pct(at)
  return svg`<line class="lsu" stroke-width="4" x1=${x} x2=${x} y1="1" y2="15"/>
    <line class="li" stroke-width="1.5" x1=${x} x2=${x} y1="1" y2="15"/>`
}
