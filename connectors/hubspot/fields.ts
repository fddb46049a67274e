import { fromWallClock } from '../../src/model/period.ts'
import type { Drift, Item } from './item.ts'
import { isObject } from './item.ts'

/** A value of the source's history. */
export interface Version {
  /** '' when the property was emptied. */
  readonly value: string
  readonly at: Date
}

/**
 * Reads properties under the field contract (reliability F24): numbers and booleans become text, objects and impossible
 * dates are discarded, and each deviation is told as drift. Empty is absent.
 */
export class Fields {
  readonly #object: string
  readonly #item: Item
  readonly #zone: string
  readonly #drift: Drift

  constructor(object: string, item: Item, zone: string, drift: Drift) {
    this.#object = object
    this.#item = item
    this.#zone = zone
    this.#drift = drift
  }

  /** Tells which of the properties asked for are not in the answer at all. */
  expect(names: readonly string[], optional: ReadonlySet<string>): void {
    for (const name of names) {
      if (!(name in this.#item.properties) && !optional.has(name)) this.#drift(`${this.#object}.${name}`, 'missing')
    }
  }

  text(name: string): string | undefined {
    return this.#text(this.#item.properties[name], name)
  }

  /** An instant; a day alone is its first moment in the account's zone. */
  instant(name: string): Date | undefined {
    const text = this.text(name)
    const at = text === undefined ? undefined : parseInstant(text, this.#zone)
    if (text !== undefined && !at) this.#drift(`${this.#object}.${name}`, 'retyped')
    return at
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase()
    if (text === 'true' || text === 'false') return text === 'true'
    if (text !== undefined) this.#drift(`${this.#object}.${name}`, 'retyped')
    return undefined
  }

  /** Former values, oldest first. Entries without a usable moment are left out. */
  history(name: string): Version[] {
    const list = this.#item.history[name]
    if (list === undefined) return []
    if (!Array.isArray(list)) {
      this.#drift(`${this.#object}.${name}.history`, 'retyped')
      return []
    }
    const versions: Version[] = []
    for (const entry of list) {
      const at = isObject(entry)
        ? parseInstant(this.#text(entry.timestamp, `${name}.timestamp`) ?? '', this.#zone)
        : undefined
      if (!at) this.#drift(`${this.#object}.${name}.history`, 'retyped')
      else versions.push({ value: this.#text(entry.value, name) ?? '', at })
    }
    return versions.sort((a, b) => a.at.getTime() - b.at.getTime())
  }

  #text(value: unknown, name: string): string | undefined {
    if (value === null || value === undefined) return undefined
    if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
    this.#drift(`${this.#object}.${name}`, 'retyped')
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  }
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/

/** ISO 8601, milliseconds since 1970, or a day: HubSpot writes all three. */
export function parseInstant(value: unknown, zone: string): Date | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  let ms = Number.NaN
  if (/^-?\d{1,16}$/.test(text)) ms = Number(text)
  else if (ISO.test(text)) ms = Date.parse(text)
  else if (DAY.test(text)) {
    const wall = Date.parse(text)
    ms = Number.isNaN(wall) ? wall : fromWallClock(zone, wall)
  }
  const at = new Date(ms)
  // Year 1 to 9999: what databases and reports can hold.
  return ms >= -62_135_596_800_000 && ms < 253_402_300_800_000 ? at : undefined
}

/** A decimal as text. Numbers are written out; what has an exponent has lost digits already. */
export function decimal(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? text : undefined
}
