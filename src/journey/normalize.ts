/** How identifiers of a person are compared. What a source holds is kept as it came; only keys are normalized. */

/** Address in lower case without spaces; null when it is none. Dots and plus tags stay: they differ at some hosts. */
export function normalizeEmail(text: string): string | null {
  const email = text.trim().toLowerCase()
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) ? email : null
}

/**
 * Number in E.164 form; a number without a country code is read as Chinese (+86), where 11 digits starting with 1 are a
 * mobile and a leading 0 starts an area code. Null when fewer than 7 digits are left.
 */
export function normalizePhone(text: string): string | null {
  const compact = text.normalize('NFKC').replaceAll(/[\s().-]/g, '')
  const match = /^(\+|00)?(\d{7,15})$/.exec(compact.replace(/(?:ext\.?|x|转)\d+$/i, ''))
  if (!match) return null
  const [, prefix, digits] = match as unknown as [string, string | undefined, string]
  if (prefix) return `+${digits}`
  if (/^86(1\d{10})$/.test(digits)) return `+${digits}`
  return `+86${digits.replace(/^0/, '')}`
}
