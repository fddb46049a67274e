import type { Text } from '../../src/errors.ts'
import type { Reject } from '../../src/sync/contract.ts'

/** A sentence in both languages. */
export function say(en: string, zh: string): Text {
  return { en, 'zh-CN': zh }
}

/** Most of a refused record that is kept. */
const MAX_RAW = 65_536

/** A refused record with its reason. */
export function refuse(id: string | undefined, code: string, message: Text, raw: unknown): Reject {
  return { where: id === undefined ? {} : { id }, code, message, raw: JSON.stringify(raw).slice(0, MAX_RAW) }
}

type Loose<T> = { readonly [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] }

/** A record without the keys that have no value: the model knows absent, not `undefined`. */
export function present<T extends object>(record: Loose<T>): T {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(record)) if (value !== undefined) kept[key] = value
  return kept as T
}
