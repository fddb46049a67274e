import { RoiError } from '../../errors.ts'
import type { Entry } from './entry.ts'
import { OTHER_ENTRIES } from './others.ts'
import { REPORT_ENTRIES } from './report.ts'

const ALL = { ...REPORT_ENTRIES, ...OTHER_ENTRIES }
export type EntryName = keyof typeof ALL

/** Every metric of product.md §3 that the product computes, by its name, in the order of their numbers (F114). */
export const DICTIONARY = Object.fromEntries(
  Object.entries(ALL).sort(([, a], [, b]) => numberOf(a) - numberOf(b)),
) as Readonly<Record<EntryName, Entry>>
export const ENTRY_NAMES = Object.keys(DICTIONARY) as readonly EntryName[]

function numberOf({ id }: Entry): number {
  return Number(id.slice(1))
}

/**
 * The names that a name or a number stands for: one, or all of a number.
 * @throws RoiError `unknown_metric` naming all there are
 */
export function namesOf(text: string): readonly EntryName[] {
  if (Object.hasOwn(DICTIONARY, text)) return [text as EntryName]
  const id = text.toUpperCase()
  const found = ENTRY_NAMES.filter((name) => DICTIONARY[name].id === id)
  if (found.length > 0) return found
  const names = ENTRY_NAMES.join(', ')
  throw new RoiError(
    'usage',
    'unknown_metric',
    { en: `There is no metric "${text.slice(0, 60)}".`, 'zh-CN': `没有名为“${text.slice(0, 60)}”的指标。` },
    { en: `Use one of: ${names}.`, 'zh-CN': `可用的指标：${names}。` },
  )
}
