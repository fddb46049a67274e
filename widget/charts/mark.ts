import { svg, type TemplateResult } from 'lit'

/** Circle, square, diamond, triangle. */
const SHAPES = [
  'M4 .4a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2',
  'M.9.9h6.2v6.2H.9Z',
  'M4-.1 8.1 4 4 8.1-.1 4Z',
  'M4 .4 7.6 7.1H.4Z',
]
const COLOURS = 8

/** Class of the fill of the channel at `index`; the same everywhere in the panel. */
export function channelFill(index: number): string {
  return `f${(index % COLOURS) + 1}`
}

/** Colour and shape of the channel at `index`, before its name: neither stands alone. */
export function channelMark(index: number): TemplateResult {
  const shape = SHAPES[index % SHAPES.length]!
  return svg`<svg class="sw" part="mark" viewBox="0 0 8 8" aria-hidden="true"><path class=${channelFill(index)} d=${shape}/></svg>`
}
