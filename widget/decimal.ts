/** Exact arithmetic on the decimal strings of the view-model: sums and differences must not gain or lose a cent. */

/** Scaled integer of a decimal string, with `digits` decimal places; further places are cut. */
export function toScaled(value: string, digits: number): bigint {
  const negative = value.startsWith('-')
  const [whole = '0', fraction = ''] = value.replace('-', '').split('.')
  const scaled = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  return negative ? -scaled : scaled
}

/** Decimal string of a scaled integer. */
export function fromScaled(scaled: bigint, digits: number): string {
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** `a + b - c`, exact. */
export function difference(a: string, b: string, c: string, digits: number): string {
  return fromScaled(toScaled(a, digits) + toScaled(b, digits) - toScaled(c, digits), digits)
}

/** True when the amount has a part smaller than one. */
export function hasFraction(value: string): boolean {
  return /\.0*[1-9]/.test(value)
}
