import { html, nothing, type TemplateResult } from 'lit'
import type { Spread } from '../../src/api.ts'
import { icon } from '../charts/icons.ts'
import { channelFill, channelMark } from '../charts/mark.ts'
import { rangeChart } from '../charts/range.ts'
import { type Scale, scaleOf } from '../charts/scale.ts'
import { rove } from '../roving.ts'
import { safe } from '../text.ts'
import { thresholdRoi, type View } from '../view.ts'

/** More ranges than this are a wall; the table holds them all. */
const SHOWN = 8

/** Range of ROI over all models per channel, those that depend on the model first. */
export function spreadRanges(view: View): TemplateResult {
  const { spread } = view.panel
  const ordered = spread.length > SHOWN ? [...spread].sort((a, b) => weight(b) - weight(a)) : spread
  const shown = ordered.slice(0, SHOWN)
  const scale = scaleOf([...shown.flatMap((each) => [each.min, each.max]), thresholdRoi(view.panel)])
  return html`<div class="ranges" data-rove @keydown=${rove}>${shown.map((each) => range(view, each, scale))}</div>
    ${spread.length > SHOWN ? html`<p class="note">${view.words.spread.rest(spread.length - SHOWN)}</p>` : nothing}`
}

/** Robust or not, as icon and word. */
export function verdict(view: View, each: Spread): TemplateResult {
  if (each.verdict === null)
    return html`<span class="na">${each.reason ? view.words.reasons[each.reason] : view.words.na}</span>`
  return each.verdict === 'robust'
    ? html`<span class="m">${icon('check')}${view.words.spread.robust}</span>`
    : html`<span class="wrn">${icon('warn')}${view.words.spread.depends}</span>`
}

function range(view: View, each: Spread, scale: Scale): TemplateResult {
  const row = view.now.rows.find(({ key }) => key === each.key)
  const label = safe(each.label)
  const mark = view.markOf(each.key)
  const { min, max } = each
  return html`<button class="rg" data-item title=${label} ?disabled=${!row} @click=${() => row && view.actions.open({ metric: 'roi', row })}>
    <span class="nm">${channelMark(mark)}<bdi class="cut">${label}</bdi></span>
    ${
      min !== null && max !== null
        ? rangeChart({ min, max, now: row?.roi ?? null, threshold: thresholdRoi(view.panel) }, channelFill(mark), scale)
        : html`<svg class="range" aria-hidden="true"><line class="l" x1="0" x2="100%" y1="10" y2="10"></line></svg>`
    }
    <span class="ft">
      <span>${min !== null && max !== null ? view.words.range(view.format.percent(min), view.format.percent(max)) : view.words.na}</span>
      ${verdict(view, each)}
    </span>
    ${row && row.roi !== null ? html`<span class="vh">${view.words.spread.now(view.format.percent(row.roi))}</span>` : nothing}
  </button>`
}

function weight(each: Spread): number {
  return each.min === null || each.max === null ? -1 : each.max - each.min + (each.verdict === 'depends' ? 1e9 : 0)
}
