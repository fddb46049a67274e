import { DIMENSIONS_OF_QUALITY } from '../../api/quality.ts'
import type { Locale } from '../../errors.ts'
import { plus, type Rational, rational } from '../custom-rational.ts'
import { known, none } from '../formulas.ts'
import { CHECKS } from '../quality-checks.ts'
import { type Quality, scoreOf } from '../quality-score.ts'
import { type Figure, type Input, type Line, listed } from './figure.ts'

/** M38, the score of data quality: the sides that have one, each with its checks. Of the whole workspace only. */
export function qualityFigure({ outcomes }: Quality, locale: Locale): Figure {
  const { score } = scoreOf(outcomes)
  const inputs = DIMENSIONS_OF_QUALITY.flatMap((dimension): Input[] => {
    const mine = outcomes.filter(({ code, checked }) => CHECKS[code].dimension === dimension && checked > 0)
    if (mine.length === 0) return []
    const rows = mine.map(({ code, count, checked }): Line => {
      const [passed, all] = [BigInt(checked - count) * 100n, BigInt(checked * mine.length)]
      return {
        part: rational(passed, all),
        cells: { id: code, message: CHECKS[code].message[locale], checked, failed: count },
      }
    })
    const total = rows.reduce((sum: Rational, { part }) => plus(sum, part), rational(0n))
    return [{ name: dimension, total, unit: 'number', read: listed(rows) }]
  })
  const sum = inputs.map(({ name }) => `{${name}}`).join(' + ')
  return {
    result: score === null ? none('not_enough_data') : known(score),
    inputs,
    ...(inputs.length > 0 && { expression: `(${sum}) / ${inputs.length}` }),
  }
}
