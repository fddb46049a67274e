import type { Text } from '../../src/errors.ts'

/** A sentence in both languages. */
export function say(en: string, zh: string): Text {
  return { en, 'zh-CN': zh }
}

/** Why a cell or row is refused; the row reader adds line and column. Returned, not thrown: refusing is no surprise. */
export class Refusal {
  readonly code: string
  readonly message: Text

  constructor(code: string, en: string, zh: string) {
    this.code = code
    this.message = say(en, zh)
  }
}

/** A value as it is quoted in a message: one line, not endless. */
export function quote(value: string): string {
  const line = value.replaceAll(/\s+/g, ' ')
  return `"${line.length > 60 ? `${line.slice(0, 60)}…` : line}"`
}

/**
 * A word as it is compared: compatibility forms folded, lower case, without marks that differ between spreadsheets
 * (spaces, underscores, hyphens, byte order mark, the asterisk of a required column).
 */
export function fold(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_\-*\u200b\ufeff]+/g, '')
}
