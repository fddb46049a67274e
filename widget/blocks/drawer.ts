import { html, nothing, type TemplateResult } from 'lit'
import type { Explain } from '../../src/api.ts'
import { icon } from '../charts/icons.ts'
import { channelMark } from '../charts/mark.ts'
import type { DrawerData, Loaded } from '../drawer-data.ts'
import type { Metric } from '../locales/words.ts'
import { rove } from '../roving.ts'
import { safe } from '../text.ts'
import { UNATTRIBUTED, type View } from '../view.ts'
import { dealList } from './deals.ts'
import { errorText } from './states.ts'

const ROW_METRICS: readonly Metric[] = ['roi', 'revenue', 'cost', 'cpl']
const TOTAL_METRICS: readonly Metric[] = ['roi', 'revenue', 'cost', 'cac']
/** Rows of an input listed under it; the count says how many there are. */
const LISTED = 10

/** Where a number comes from: formula, inputs, settings and, for a row, its deals. */
export function drawer(view: View, data: DrawerData, close: () => void): TemplateResult | typeof nothing {
  const { target } = data
  if (!target) return nothing
  const { words } = view
  const { row } = target
  const title = row ? safe(row.label) : words.total
  return html`<aside class="drawer" part="drawer" tabindex="-1" aria-labelledby="drawer-h drawer-t">
    <div class="bh">
      <div>
        <h2 id="drawer-h">${words.drawer.label}</h2>
        <p class="find" id="drawer-t">
          ${row && row.key !== UNATTRIBUTED ? channelMark(view.markOf(row.key)) : nothing}<span><bdi>${title}</bdi> · ${words.metrics[target.metric]}</span>
        </p>
      </div>
      <button class="x" part="button" aria-label=${words.close} @click=${close}>${icon('cross')}</button>
    </div>
    ${
      row?.key === UNATTRIBUTED
        ? nothing
        : html`${metricPicker(view, row ? ROW_METRICS : TOTAL_METRICS)} ${loaded(view, data.explain, (value) => formula(view, value))}`
    }
    ${row ? loaded(view, data.deals, (deals) => dealList(view, deals, row, () => data.more())) : nothing}
  </aside>`
}

/** The other figures of the same row or total: every number is reachable by keyboard from here. */
function metricPicker(view: View, metrics: readonly Metric[]): TemplateResult {
  const { target, actions, words } = view
  return html`<div class="models act" role="group" aria-label=${words.drawer.figure} data-rove @keydown=${rove}>
    ${metrics.map(
      (metric) =>
        html`<button data-item aria-pressed=${target?.metric === metric ? 'true' : 'false'} @click=${() => actions.open({ metric, row: target?.row ?? null })}>
          ${words.metrics[metric]}
        </button>`,
    )}
  </div>`
}

function loaded<T>(view: View, part: Loaded<T>, ready: (value: T) => TemplateResult): TemplateResult {
  if (part.state === 'ready') return ready(part.value)
  if (part.state === 'loading') return html`<p class="s q" role="status">${view.words.drawer.loading}…</p>`
  const { error } = part
  return html`<div role="alert">
    <p>${icon('warn', 'neg')}${view.words.drawer.failed}</p>
    <p class="s m">${errorText(view.words, error)}</p>
    ${error.requestId ? html`<p class="s m">${view.words.states.requestId} <code>${safe(error.requestId)}</code></p>` : nothing}
  </div>`
}

function formula(view: View, explain: Explain): TemplateResult {
  const { words } = view
  return html`<p class="eq">${figure(view, explain)}</p>
    ${explain.reason ? html`<p class="s q">${words.reasons[explain.reason]}</p>` : nothing}
    <p class="formula">${safe(explain.formula, 400)}<br />${safe(explain.substituted, 400)}</p>
    <dl class="frac">
      ${explain.inputs.map((input) => html`<dt>${safe(input.label)}</dt><dd>${value(view, input.value)}</dd>`)}
      ${Object.entries(explain.configuration).map(([name, setting]) => configured(view, name, setting))}
    </dl>
    ${explain.inputs.map((input) => inputRows(view, input))}`
}

function figure(view: View, { value: result, unit }: Explain): string {
  const { format, words } = view
  if (result === null) return words.na
  if (unit === 'money') return format.exact(String(result))
  if (unit === 'percent') return format.percent(Number(result))
  if (unit === 'points') return words.tiles.points(format.points(Number(result)))
  return unit === 'ratio' ? format.ratio(Number(result)) : format.count(Number(result))
}

function value(view: View, input: string | number): string {
  return typeof input === 'string' ? view.format.exact(input) : view.format.count(input)
}

function configured(view: View, name: string, setting: string | number | null): TemplateResult {
  const { fields, values } = view.words.drawer
  const models: Record<string, string> = view.words.models
  const text = setting === null ? (values.none ?? '') : String(setting)
  const shown =
    (Object.hasOwn(models, text) ? models[text] : Object.hasOwn(values, text) ? values[text] : undefined) ?? safe(text)
  return html`<dt>${Object.hasOwn(fields, name) ? fields[name] : safe(name, 40)}</dt><dd>${shown}</dd>`
}

/** The rows an input is the sum of; their columns are those of the source. */
function inputRows(view: View, input: Explain['inputs'][number]): TemplateResult | typeof nothing {
  const [first] = input.rows
  if (!first) return nothing
  const { fields, rows, firstRows, values } = view.words.drawer
  const { format } = view
  const names = Object.keys(first)
  const shown = input.rows.slice(0, LISTED)
  const cell = (raw: string | number | boolean | null | undefined) => {
    if (typeof raw === 'number') return html`<td class="n">${format.count(raw)}</td>`
    const text = raw === null || raw === undefined ? '' : String(raw)
    if (/^-?\d+\.\d+$/.test(text)) return html`<td class="n">${format.unitCost(text)}</td>`
    const known = Object.hasOwn(values, text) ? values[text]! : safe(text)
    return html`<td title=${known}>${known}</td>`
  }
  return html`<details>
    <summary>${rows(safe(input.label), format.count(input.count))}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${safe(input.label)}>
      <table class="mini raw">
        ${input.count > shown.length ? html`<caption>${firstRows(format.count(shown.length), format.count(input.count))}</caption>` : nothing}
        <thead><tr>${names.map((name) => html`<th scope="col">${Object.hasOwn(fields, name) ? fields[name] : safe(name, 40)}</th>`)}</tr></thead>
        <tbody>${shown.map((row) => html`<tr>${names.map((name) => cell(row[name]))}</tr>`)}</tbody>
      </table>
    </div>
  </details>`
}
