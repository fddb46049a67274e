/** Measurements remembered: the rate of the last minutes, not of the whole run. */
const KEPT = 30

/** How long a read still takes, from its slowest to its fastest part lately. */
export class Eta {
  readonly #seen: { readonly fraction: number; readonly at: number }[] = []

  /**
   * Notes how far the read is.
   * @param fraction 0 to 1; null when it cannot be told
   * @returns seconds left, from and to; null while it cannot be told
   */
  tell(fraction: number | null, at = performance.now()): readonly [number, number] | null {
    if (fraction === null) return null
    this.#seen.push({ fraction, at })
    if (this.#seen.length > KEPT) this.#seen.shift()
    const rates: number[] = []
    for (let i = 1; i < this.#seen.length; i += 1) {
      const [before, after] = [this.#seen[i - 1]!, this.#seen[i]!]
      if (after.fraction > before.fraction && after.at > before.at) {
        rates.push((after.fraction - before.fraction) / (after.at - before.at))
      }
    }
    if (rates.length === 0) return null
    rates.sort((a, b) => a - b)
    const slow = rates[Math.floor(rates.length * 0.2)]!
    const fast = rates[Math.floor(rates.length * 0.8)] ?? rates.at(-1)!
    const left = Math.max(0, 1 - fraction)
    return [left / fast / 1000, left / slow / 1000]
  }
}
