/** A linear scale onto 0–100 % of the width, inset so that marks at the ends are not cut. */
export interface Scale {
  readonly at: (value: number) => number
}

const INSET = 0.6

/** Scale over all finite values given; zero is always inside, because bars start there. */
export function scaleOf(values: Iterable<number | null>): Scale {
  let low = 0
  let high = 0
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const span = high - low || 1
  return { at: (value) => INSET + ((value - low) / span) * (100 - 2 * INSET) }
}

/** An SVG length in percent of the width: geometry that stretches without a style. */
export function pct(value: number): string {
  return `${Math.round(value * 100) / 100}%`
}
