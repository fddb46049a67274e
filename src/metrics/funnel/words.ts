import type { Locale } from '../../errors.ts'
import type { Reading } from './sums.ts'

/** Names of the steps and the sentence that names the largest loss between two of them. */

const STEPS = {
  en: ['lead', 'MQL', 'SQL', 'opportunity', 'won deal', 'receipt'],
  'zh-CN': ['线索', 'MQL', 'SQL', '商机', '成交', '回款'],
} as const satisfies Record<Locale, readonly string[]>

const PLURALS = ['leads', 'MQLs', 'SQLs', 'opportunities', 'won deals', 'receipts'] as const

/** Name of a step, by its place from 0. */
export function stepName(step: number, locale: Locale): string {
  return STEPS[locale][step] ?? ''
}

/** What a sentence about a loss says; numbers come ready to read. */
export interface DropWords {
  readonly from: number
  readonly to: number
  readonly before: string
  readonly after: string
  readonly lost: string
  readonly rate: string
}

/** `Largest drop: of 1,150 leads 58 reached opportunity (5.0%), 1,092 did not.` */
export function dropSentence({ from, to, before, after, lost, rate }: DropWords, reading: Reading, locale: Locale) {
  const [source, target] = [stepName(from, locale), stepName(to, locale)]
  if (locale === 'zh-CN') {
    return reading === 'cohort'
      ? `流失最大：${before} 个${source}中有 ${after} 个到达${target}（${rate}），${lost} 个没有。`
      : `落差最大：本期有 ${before} 个${source}，只有 ${after} 个${target}（${rate}）。`
  }
  return reading === 'cohort'
    ? `Largest drop: of ${before} ${PLURALS[from]} ${after} reached ${target} (${rate}), ${lost} did not.`
    : `Largest drop: ${before} ${PLURALS[from]} in the period against ${after} ${PLURALS[to]} (${rate}).`
}
