import { html, nothing, svg, type TemplateResult } from 'lit'

const WIDTH = 88
const HEIGHT = 28
const TOP = 3
const BOTTOM = 25

/** Up to 12 points, oldest first; a null breaks the line. `label` tells the same in words. */
export function sparkline(series: readonly (number | null)[], label: string): TemplateResult | typeof nothing {
  const known = series.filter((value) => value !== null)
  if (known.length < 2) return nothing
  const low = Math.min(...known)
  const span = Math.max(...known) - low
  const x = (index: number) => round(2 + (index * (WIDTH - 6)) / (series.length - 1))
  const y = (value: number) => (span === 0 ? HEIGHT / 2 : round(BOTTOM - ((value - low) / span) * (BOTTOM - TOP)))
  let path = ''
  series.forEach((value, index) => {
    if (value === null) return
    const joined = index > 0 && series[index - 1] !== null
    path += `${joined ? 'L' : 'M'}${x(index)} ${y(value)}`
  })
  const lastIndex = series.findLastIndex((value) => value !== null)
  return html`<svg class="spark" part="spark" width=${WIDTH} height=${HEIGHT} viewBox="0 0 88 28" role="img" aria-label=${label}>
    ${svg`<path class="lc" stroke-width="1.25" stroke-linejoin="round" d=${path}/>
    <circle class="fa" cx=${x(lastIndex)} cy=${y(series[lastIndex]!)} r="2.5"/>`}
  </svg>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
