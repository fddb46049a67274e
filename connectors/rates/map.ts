import { isCurrency } from '../../src/model/money.ts'
import type { Rate } from '../../src/model/records.ts'
import type { Reject } from '../../src/sync/contract.ts'
import type { Quote } from './feed.ts'
import { BASE } from './unverified.ts'
import { say } from './words.ts'

/** A rate of the feed as the model keeps it: what one euro is worth. */
export function toRate(quote: Quote): Rate | Reject {
  const { day, currency, rate } = quote
  const id = `${currency} ${day}`
  const sound = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && isCurrency(currency)
  if (sound && /^\d{1,12}(\.\d{1,18})?$/.test(rate) && /[1-9]/.test(rate)) {
    return { type: 'rate', id, from: BASE, to: currency, date: day, factor: rate }
  }
  return {
    where: { id },
    code: 'bad_rate',
    message: say('The feed holds a rate that cannot be used.', '汇率源中有无法使用的汇率。'),
    raw: JSON.stringify(quote),
  }
}
