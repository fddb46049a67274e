import { svg, type TemplateResult } from 'lit'

const PATHS = {
  check: 'M2 6.5 4.8 9.2 10 3',
  cross: 'M2.5 2.5l7 7M9.5 2.5l-7 7',
  up: 'M6 10V2M2.5 5.5 6 2l3.5 3.5',
  down: 'M6 2v8M2.5 6.5 6 10l3.5-3.5',
  flat: 'M2 6h8',
  warn: 'M6 1.5 11 10.5H1ZM6 5v2.4M6 9v.01',
  info: 'M6 1.25a4.75 4.75 0 1 1 0 9.5 4.75 4.75 0 0 1 0-9.5M6 5.6v2.8M6 3.6v.01',
  clock: 'M6 1.25a4.75 4.75 0 1 1 0 9.5 4.75 4.75 0 0 1 0-9.5M6 3.2V6l2 1.4',
}
export type IconName = keyof typeof PATHS

/** A 12-px line icon. It is never the only carrier of its meaning, so it has no name of its own. */
export function icon(name: IconName, tone = ''): TemplateResult {
  return svg`<svg class="ic ${tone}" viewBox="0 0 12 12" aria-hidden="true"><path d=${PATHS[name]}/></svg>`
}
