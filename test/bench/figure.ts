/** One measured figure. `ratio` = value / target for times and sizes, target / value for rates: above 1 misses it. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | 's' | 'µs' | 'MB' | 'rows/s' | '/s' | 'KiB' | '%' | '×'
  /** architecture.md §8; absent where a figure is shown for comparison only. */
  readonly target?: number
  /** The target is to be reached, not to be kept below; rates always are. */
  readonly least?: boolean
}

/** Milliseconds a piece of work takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/** Value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5)
}

/** Above 1 the figure misses its target. */
export function ratioOf({ value, unit, target, least }: Figure): number | null {
  if (target === undefined) return null
  return least || unit === 'rows/s' ? target / value : value / target
}
