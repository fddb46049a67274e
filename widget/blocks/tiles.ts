import { html, nothing, type TemplateResult } from 'lit'
import type { Kpi } from '../../src/api.ts'
import { type IconName, icon } from '../charts/icons.ts'
import { sparkline } from '../charts/sparkline.ts'
import type { View } from '../view.ts'

type TileMetric = 'roi' | 'revenue' | 'cost' | 'cac'
const TILES: readonly TileMetric[] = ['roi', 'revenue', 'cost', 'cac']
/** Changes within ±2 % (or points) are called level. */
const LEVEL = 2

/** The four figures of the period: value, change in words, course, benchmark, and what each rests on. */
export function kpiTiles(view: View): TemplateResult {
  const { cost, revenue, roi } = view.now.total
  const finding = view.words.tiles.finding(
    view.format.money(cost),
    view.format.money(revenue),
    roi === null ? null : view.format.percent(roi),
  )
  return html`<section class="tiles" aria-labelledby="kpi">
    <h2 class="vh" id="kpi">${finding}</h2>
    ${TILES.map((metric) => tile(view, metric))}
  </section>`
}

function tile(view: View, metric: TileMetric): TemplateResult {
  const t = view.words.tiles
  const kpi = view.now.kpis[metric]
  const label = t.labels[metric]
  const selected = view.target?.row === null && view.target.metric === metric
  const { ratio } = view.now.total
  return html`<div class="tile ${selected ? 'sel' : ''}" part="tile" role="group" aria-labelledby="kpi-${metric}">
    <div class="lab"><h3 id="kpi-${metric}">${label}</h3>${definition(view, metric)}</div>
    <button class="val" part="value" data-open=${metric} @click=${() => view.actions.open({ metric, row: null })}>
      ${
        kpi.value === null
          ? html`<span class="num missing">${view.words.na}</span>`
          : html`<span class="num">${figure(view, metric, kpi.value)}</span>`
      }${metric === 'roi' && ratio !== null ? html`<span class="sub">${t.ratio(view.format.ratio(ratio))}</span>` : nothing}
      <span class="vh">${t.explain}</span>
    </button>
    <div class="row">
      ${kpi.value === null ? reasonLine(view, kpi) : change(view, metric, kpi)}
      ${sparkline(kpi.series, seriesLabel(view, metric, kpi))}
    </div>
    <div class="foot">${benchmark(view, kpi)}<span>${t.count(metric, view.format.count(kpi.n), kpi.n === 1)}</span></div>
  </div>`
}

function definition(view: View, metric: TileMetric): TemplateResult {
  const t = view.words.tiles
  const open = view.defined === metric
  const leave = (event: FocusEvent) => {
    const parent = event.currentTarget as HTMLElement
    if (!parent.contains(event.relatedTarget as Node | null)) view.actions.define(null)
  }
  return html`<span @focusout=${open ? leave : nothing}>
    <button
      class="x"
      aria-label=${t.definitionOf(t.labels[metric])}
      aria-expanded=${open ? 'true' : 'false'}
      aria-controls="def-${metric}"
      @click=${() => view.actions.define(open ? null : metric)}
    >
      ${icon('info')}
    </button>
    <span class="tip" id="def-${metric}" ?hidden=${!open} tabindex="-1">
      ${t.definitions[metric]}
      <button class="link" @click=${() => view.actions.open({ metric, row: null })}>${t.explain}</button>
    </span>
  </span>`
}

function figure(view: View, metric: TileMetric, value: string | number): string {
  if (metric === 'roi') return view.format.percent(Number(value))
  return view.format.money(String(value), metric === 'cac' ? view.panel.digits : undefined)
}

function reasonLine(view: View, kpi: Kpi): TemplateResult {
  return html`<p class="delta q">${kpi.reason ? view.words.reasons[kpi.reason] : ''}</p>`
}

/** The change as arrow, sign and word: rising cost is neither good nor bad, falling CAC is better. */
function change(view: View, metric: TileMetric, kpi: Kpi): TemplateResult {
  const t = view.words.tiles
  const value = metric === 'roi' ? kpi.points : kpi.growth
  if (value === null) return html`<p class="delta q" part="delta">${t.noPrior}</p>`
  const level = Math.abs(value) <= LEVEL
  const arrow: IconName = value > 0 ? 'up' : value < 0 ? 'down' : 'flat'
  const good = metric === 'cost' ? null : value > 0 === (metric !== 'cac')
  const tone = level || good === null ? 'm' : good ? 'pos' : 'neg'
  const word = level ? t.level : good === null ? (value > 0 ? t.more : t.less) : good ? t.better : t.worse
  const text = metric === 'roi' ? t.points(view.format.points(value)) : view.format.percent(value, true)
  return html`<p class="delta" part="delta"><span class=${tone}>${icon(arrow)}${text}</span> <span class="m">${word}</span></p>`
}

function benchmark(view: View, kpi: Kpi): TemplateResult {
  const t = view.words.tiles
  if (!kpi.benchmark) return html`<span class="chip" part="benchmark">${t.noBenchmark}</span>`
  const { id, met } = kpi.benchmark
  const verdict = met === null ? t.unjudged : met ? t.met : t.missed
  const tone = met === null ? '' : met ? 'ok' : 'warn'
  return html`<span class="chip ${tone}" part="benchmark">${t.benchmarks[id]} · ${verdict}</span>`
}

function seriesLabel(view: View, metric: TileMetric, kpi: Kpi): string {
  const known = kpi.series.filter((value) => value !== null)
  if (known.length === 0) return ''
  const text = (value: number) => figure(view, metric, value)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const label = view.words.tiles.labels[metric]
  return view.words.tiles.series(label, kpi.series.length, text(low), text(high), text(known.at(-1)!))
}
