import { ConnectorError } from '../../src/errors.ts'
import { type Context, defineConnector, type Page } from '../../src/sync/contract.ts'
import { Feed, type Quote, requestOf } from './feed.ts'
import { toRate } from './map.ts'
import { type RatesSettings, Settings, wantedOf } from './settings.ts'
import { LIMIT, ORIGIN, RECENT_DAYS } from './unverified.ts'
import { say } from './words.ts'

/** Rates of a page; days are never cut. */
const PAGE = 2000
/** A rate may be corrected, or come late: so many days are read again, milliseconds. */
const AGAIN_MS = 7 * 86_400_000

/** Reference rates of the euro by the European Central Bank: public, without an account. */
export default defineConnector({
  id: 'rates',
  title: say('Exchange rates (European Central Bank)', '汇率（欧洲央行）'),
  settings: Settings,
  auth: { type: 'none' },
  api: { origin: ORIGIN, limits: { core: LIMIT } },
  errors: {},

  /** The newest day has every currency that is wanted. */
  async check({ http, settings }) {
    const newest = await http.get(requestOf('newest'), Feed)
    const known = new Set(newest.map(({ currency }) => currency))
    if ([...wantedOf(settings)].some((currency) => currency !== 'EUR' && !known.has(currency))) {
      const list = [...known].sort().join(', ')
      throw new ConnectorError('fix-settings', 'unknown_currency', `there are rates of these currencies only: ${list}`)
    }
    return { externalAccountId: settings.feed, name: 'European Central Bank' }
  },

  pull: {
    rates: {
      title: say('Exchange rates', '汇率'),
      type: 'rate',
      async *read(context, cursor) {
        yield* pagesOf(await context.http.get(requestOf('whole'), Feed), context, cursor ?? '')
      },
      async *changes(context, since, cursor) {
        const from = new Date(since.getTime() - AGAIN_MS)
        const age = (context.now().getTime() - from.getTime()) / 86_400_000
        const quotes = await context.http.get(requestOf(age < RECENT_DAYS ? 'recent' : 'whole'), Feed)
        const day = from.toISOString().slice(0, 10)
        yield* pagesOf(
          quotes.filter((quote) => quote.day >= day),
          context,
          cursor ?? '',
        )
      },
    },
  },
})

/** The wanted rates after the day of a cursor, whole days to a page; at least one page. */
function* pagesOf(quotes: readonly Quote[], { settings }: Context<RatesSettings>, cursor: string): Generator<Page> {
  const wanted = wantedOf(settings)
  const mine = quotes.filter(({ day, currency }) => wanted.has(currency) && day >= settings.since && day > cursor)
  for (let start = 0; start < mine.length; ) {
    let end = Math.min(start + PAGE, mine.length)
    while (end < mine.length && mine[end]!.day === mine[end - 1]!.day) end += 1
    const made = mine.slice(start, end).map(toRate)
    yield {
      records: made.filter((one) => 'type' in one),
      rejected: made.filter((one) => 'code' in one),
      cursor: mine[end - 1]!.day,
      progress: end / mine.length,
    }
    start = end
  }
  if (mine.length === 0) yield { records: [], cursor }
}
