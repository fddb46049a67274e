/** The separators that are looked for, the most usual first. */
export const DELIMITERS = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof DELIMITERS)[number]

const RECORDS = 50

/**
 * The separator of a table: the one that the header holds and that occurs equally often in the rows after it.
 * Separators inside quotes do not count. One column only: a comma.
 * @param text beginning of the file; its last record may be cut
 */
export function sniffDelimiter(text: string): Delimiter {
  const counts = countPerRecord(text)
  const header = counts[0]
  if (!header) return ','
  let best: Delimiter = ','
  let bestScore = 0
  DELIMITERS.forEach((delimiter, d) => {
    const wanted = header[d]!
    if (wanted === 0) return
    const equal = counts.filter((count) => count[d] === wanted).length / counts.length
    const score = equal + wanted / 10_000
    if (score > bestScore) {
      best = delimiter
      bestScore = score
    }
  })
  return best
}

/** Excel's own hint, a first line `sep=;`. */
export function delimiterHint(text: string): Delimiter | undefined {
  const match = /^"?sep=(.)"?\r?\n/i.exec(text)
  return DELIMITERS.find((delimiter) => delimiter === match?.[1])
}

/** For the first records, how often each separator stands outside quotes. */
function countPerRecord(text: string): number[][] {
  const records: number[][] = []
  let count = DELIMITERS.map(() => 0)
  let quoted = false
  let empty = true
  for (let i = 0; i < text.length && records.length < RECORDS; i++) {
    const char = text[i]!
    // A quote opens only at the start of a cell; elsewhere, as in 5" screen, it is a character.
    if (char === '"' && (quoted || empty || ',;\t|\n\r "'.includes(text[i - 1]!))) quoted = !quoted
    else if (!quoted && (char === '\n' || char === '\r')) {
      if (!empty) records.push(count)
      count = DELIMITERS.map(() => 0)
      empty = true
      continue
    } else if (!quoted) {
      const d = DELIMITERS.indexOf(char as Delimiter)
      if (d >= 0) count[d]!++
    }
    empty = false
  }
  // Without a single line end the header is all there is; otherwise the last record may be cut and tells nothing.
  if (records.length === 0 && !empty) records.push(count)
  return records
}
