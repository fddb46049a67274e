import { hash } from 'node:crypto'
import type { Draft } from './rules.ts'
import { SeenKeys } from './seen-keys.ts'
import { type FileType, TEMPLATES } from './templates.ts'

/**
 * Ids for rows without one (architecture.md §6.1): a digest of the columns that tell rows apart and a running number
 * among rows that are alike, so that importing a file again gives the same ids.
 */
export class AutoIds {
  readonly #type: FileType
  readonly #twins = new SeenKeys()

  constructor(type: FileType) {
    this.#type = type
  }

  idOf(draft: Draft): string {
    let content: string = this.#type
    for (const field of TEMPLATES[this.#type].identity ?? []) content += `\u0000${identityText(draft[field])}`
    const number = this.#twins.count(content)
    return `auto:${hash('sha256', `${content}\u0000${number}`).slice(0, 32)}`
  }
}

/** A field as part of an identity: the same for `100` and `100.00`, and for one instant however it was written. */
function identityText(value: unknown): string {
  if (value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return String(value)
  if ('amount' in value && 'currency' in value) {
    const amount = String(value.amount)
    return `${amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount} ${value.currency}`
  }
  const [[key, ref] = []] = Object.entries(value)
  return `${key}:${ref}`
}
