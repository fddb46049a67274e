import { describe, expect, onTestFinished, test } from 'vitest'
import { CONNECTORS } from '../connectors/index.ts'
import { openSyncKit, reasonsOf, streamOf, testClock } from './conformance/kit.ts'
import { rewriteText } from './fakes/faults.ts'
import { feedOf, ratesFake } from './fakes/rates.ts'
import { loadAndRecompute } from './support/store.ts'

async function connected(settings: Record<string, unknown> = { currencies: 'CNY，usd' }) {
  const clock = testClock()
  const { fake, days } = await ratesFake({ now: () => Math.floor(clock.now()) })
  onTestFinished(() => fake.close())
  const kit = await openSyncKit({ registry: CONNECTORS, origin: fake.origin, upstream: { clock } })
  await kit.connect('rates', settings)
  return { kit, fake, days, clock }
}

const WHOLE = { path: /hist\.xml$/ }

describe('the feed of the European Central Bank', () => {
  test('converts a cost between two other currencies over the euro, at weekends by the last working day', async () => {
    const { kit, days } = await connected()
    await kit.sync()
    const friday = days.findLast((day) => new Date(day).getUTCDay() === 5)!
    const sunday = new Date(Date.parse(friday) + 2 * 86_400_000).toISOString().slice(0, 10)
    await loadAndRecompute(kit.database, 1, [
      {
        type: 'cost',
        id: 'k',
        date: sunday,
        amount: { amount: '100', currency: 'USD' },
        category: 'ads',
        state: 'actual',
      },
    ])
    const rate = async (currency: string) => Number((await kit.row('rate', `${currency} ${friday}`))!.factor)
    const [row] = await kit.database.query('SELECT minor FROM spend')
    expect(Number(row!.minor)).toBe(Math.round((10_000 * (await rate('CNY'))) / (await rate('USD'))))
  })

  test('asks for the whole history once, later for the last days only, and takes a corrected rate over', async () => {
    const { kit, fake, days, clock } = await connected()
    await kit.sync()
    const yesterday = days.at(-1)!
    clock.advance(86_400_000)
    fake.faults.next(
      { path: /90d/ },
      rewriteText(() => feedOf([[yesterday, { CNY: '8.5', USD: '1.1' }]])),
    )
    const outcome = await kit.sync()
    expect(reasonsOf(outcome).state).toBe('complete')
    expect(streamOf(outcome, 'rates').imported).toBe(2)
    expect((await kit.row('rate', `CNY ${yesterday}`))!.factor).toBe('8.5')
    const asked = fake.requests.map(({ path }) =>
      path
        .split('/')
        .at(-1)!
        .replace(/\.xml$/, ''),
    )
    expect(asked.filter((name) => name.includes('hist'))[0]).toBe('eurofxref-hist')
    expect(new Set(asked.slice(asked.indexOf('eurofxref-hist') + 1))).toEqual(
      new Set(['eurofxref-hist-90d', 'eurofxref-daily']),
    )
  })

  test('refuses a quote that cannot be used and keeps the others; one that is told twice counts once', async () => {
    const { kit, fake, days } = await connected()
    const [first, second] = days.slice(-2) as [string, string]
    const odd = feedOf([
      [first, { CNY: '7.8', USD: '0' }],
      [second, { CNY: '7,9', USD: '1.08', JPY: 'unwanted' }],
      [second, { USD: '1.08' }],
      ['2026-13-01', { USD: '1.08' }],
    ])
    fake.faults.always(
      WHOLE,
      rewriteText(() => odd),
    )
    fake.faults.always(
      { path: /90d/ },
      rewriteText(() => odd),
    )
    await kit.sync()
    expect(await kit.ids('rate')).toEqual([`CNY ${first}`, `USD ${second}`])
    const refused = (await kit.rejects()).map(({ code, where }) => `${code} ${where.id}`)
    expect([...new Set(refused)].sort()).toEqual([
      `bad_rate CNY ${second}`,
      `bad_rate USD ${first}`,
      'bad_rate USD 2026-13-01',
    ])
  })

  test.each([
    ['is cut short', (text: string) => text.slice(0, text.length / 2)],
    ['is a page for people', () => '<!DOCTYPE html><html></html>'],
    ['would load something', (text: string) => text.replace('?>', '?><!DOCTYPE x [<!ENTITY a "b">]>')],
    ['holds no rate', () => feedOf([])],
  ])('an answer that %s is asked for again, then the run says so and keeps what there is', async (_, change) => {
    const { kit, fake } = await connected()
    const fault = fake.faults.always(WHOLE, rewriteText(change))
    const outcome = await kit.sync()
    expect(outcome.state).not.toBe('complete')
    expect(fault.hits).toBeGreaterThan(1)
    expect(await kit.ids('rate')).toEqual([])
    fault.cancel()
    expect((await kit.sync()).state).toBe('complete')
    expect((await kit.ids('rate')).length).toBeGreaterThan(100)
  })

  test('names the currencies there are when one of those wanted is not among them', async () => {
    const failed = connected({ currencies: 'USD,XTS' })
    await expect(failed).rejects.toMatchObject({ code: 'connect_failed' })
    await expect(failed).rejects.toThrow('CNY, JPY, USD')
    await expect(connected({ currencies: 'dollars' })).rejects.toMatchObject({ code: 'bad_connection_settings' })
  })
})
