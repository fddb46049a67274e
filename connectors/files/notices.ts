import type { Text } from '../../src/errors.ts'
import type { Notice } from '../../src/sync/contract.ts'

/**
 * Collects notices between two pages. Every count is an increment: the caller sums over the pages of a read, by code
 * and message. Messages are therefore constant: where it was first seen is in `example`.
 */
export class NoticeBook {
  /** Keyed by the message object itself, so that counting a notice in the hot path costs one lookup. */
  readonly #open = new Map<Text, { code: string; count: number; example: string | undefined }>()

  add(code: string, message: Text, line?: number): void {
    const entry = this.#open.get(message)
    if (entry) entry.count++
    else this.#open.set(message, { code, count: 1, example: line === undefined ? undefined : `line ${line}` })
  }

  /** The notices since the last call. */
  take(): Notice[] {
    const notices: Notice[] = []
    for (const [message, { code, count, example }] of this.#open) {
      notices.push(example === undefined ? { code, message, count } : { code, message, count, example })
    }
    this.#open.clear()
    return notices
  }
}
