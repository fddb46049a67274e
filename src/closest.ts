/** The known word a person most likely meant, or undefined when none is near. */
export function closest(given: string, known: readonly string[]): string | undefined {
  const ranked = known.map((word) => ({ word, distance: distance(given.slice(0, 40).toLowerCase(), word) }))
  const best = ranked.sort((a, b) => a.distance - b.distance)[0]
  return best && best.distance <= Math.max(2, Math.floor(best.word.length / 3)) ? best.word : undefined
}

/** Letters to insert, delete or replace, to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] as number) + (letter === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}

/** The known words nearest to a given one, the nearest first, so many at most. */
export function nearest(given: string, known: readonly string[], most: number): string[] {
  const ranked = known.map((word) => ({ word, distance: distance(given.slice(0, 40), word.slice(0, 40)) }))
  return ranked
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
    .slice(0, most)
    .map(({ word }) => word)
}
