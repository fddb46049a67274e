import type { Text } from '../../src/errors.ts'

/** A sentence in both languages. */
export function say(en: string, zh: string): Text {
  return { en, 'zh-CN': zh }
}
