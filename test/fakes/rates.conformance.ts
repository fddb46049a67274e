import type { World } from '../conformance/world.ts'
import type { Clock } from './clock.ts'
import { ratesFake } from './rates.ts'

const CURRENCIES = ['CNY', 'USD'] as const

/** Rates of a year of working days, in two currencies of three that there are. */
export async function openWorld(clock: Clock): Promise<World> {
  const { fake, days } = await ratesFake(clock)
  const since = days[20]!
  const ids = days.filter((day) => day >= since).flatMap((day) => CURRENCIES.map((currency) => `${currency} ${day}`))
  return {
    fake,
    settings: { currencies: CURRENCIES.join(','), since },
    badSettings: { currencies: 'XTS' },
    ids: () => ids,
    rows: false,
    refusals: {},
  }
}
