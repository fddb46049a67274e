/** Characters that change the direction or visibility of the text around them: bidi controls, C0/C1, byte order mark; and white space, of which one blank stays. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the purpose
const UNSAFE = /[\s\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

/**
 * A name from the CRM as it may be shown: control and direction-override characters out, at most `max` characters.
 * Markup needs no treatment here, Lit binds it as text.
 */
export function safe(value: string, max = 120): string {
  const clean = value
    .slice(0, 4 * max)
    .replace(UNSAFE, ' ')
    .trim()
  const characters = [...clean]
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : clean
}

/** A name inside a sentence: short, and isolated when it runs right to left, so that the sentence keeps its order. */
export function inSentence(value: string): string {
  const name = safe(value, 24)
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name
}
