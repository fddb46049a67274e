import type { Database } from '../db/database.ts'

/** Keeps answers of one kind, per store, as long as nothing is written to it. */
export type Keep<T> = (
  database: Database,
  /** Of the store, read before the state that the answer is made from; null = it cannot be told, so nothing is kept. */
  version: number | null,
  question: unknown,
  work: () => Promise<T>,
) => Promise<T>

/**
 * Answers the same question about an unchanged store from memory.
 * @param most how many answers are kept per store
 */
export function keeper<T>(most: number): Keep<T> {
  const stores = new WeakMap<Database, Map<string, { readonly version: number; readonly answer: T }>>()
  return async (database, version, question, work) => {
    if (version === null) return work()
    let kept = stores.get(database)
    if (!kept) {
      kept = new Map()
      stores.set(database, kept)
    }
    const key = JSON.stringify(question)
    const known = kept.get(key)
    if (known?.version === version) return known.answer
    const answer = await work()
    // What was written meanwhile may or may not be in the answer: it is kept for the state before.
    kept.delete(key)
    kept.set(key, { version, answer })
    const [oldest] = kept.keys()
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
    return answer
  }
}
