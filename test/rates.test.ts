import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crossRates, type RateRow } from '../src/attribution/rate-table.ts'
import { recompute } from '../src/attribution/recompute.ts'
import type { Database } from '../src/db/database.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { exportRecords } from '../src/reports/export.ts'
import { removeRecords } from '../src/sync/remove.ts'
import { importTexts, openPlace } from './import-kit.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { load, loadAndRecompute, SETTINGS } from './support/store.ts'
import { times } from './support/thorough.ts'

const rate = (from: string, to: string, date: string, factor: string, id = `${from}${to}${date}`): AnyRecord => ({
  type: 'rate',
  id,
  from,
  to,
  date,
  factor,
})

/** What one unit is worth, day by day: `USD 2026-01-01..2026-02-01 7.2 (7.2)`. */
async function worth(database: Database, tenant = 1): Promise<string[]> {
  const rows = await database.query(
    `SELECT f.*, r.source_id FROM fx AS f LEFT JOIN rate AS r ON r.tenant_id = f.tenant_id AND r.id = f.rate_id
     WHERE f.tenant_id = $1 AND f.rate IS NOT NULL ORDER BY f.currency, f.day_from`,
    [tenant],
  )
  return rows.map(
    (row) => `${row.currency} ${row.day_from}..${row.day_to} ${row.factor} (${row.rate}, ${row.source_id})`,
  )
}

function cost(id: string, date: string, amount: string, currency: string): AnyRecord {
  return { type: 'cost', id, date, amount: { amount, currency }, category: 'ads', state: 'actual', channel: 'ads' }
}

function won(id: string, closed: string, amount: string, currency: string): AnyRecord[] {
  return [
    { type: 'contact', id: `c-${id}`, createdAt: new Date('2026-01-01T08:00:00Z') },
    {
      type: 'touch',
      id: `t-${id}`,
      person: { contactId: `c-${id}` },
      occurredAt: new Date('2026-01-01T09:00:00Z'),
      channel: 'ads',
    },
    {
      type: 'deal',
      id,
      contactIds: [`c-${id}`],
      amount: { amount, currency },
      closedAt: new Date(`${closed}T12:00:00Z`),
      won: true,
    },
  ]
}

/** Cost and revenue in minor units, and how many rows had no rate. */
async function figures(database: Database, tenant = 1) {
  const [row] = await database.query(
    `SELECT (SELECT CAST(sum(minor) AS BIGINT) FROM spend WHERE tenant_id = $1) AS cost,
            (SELECT count(*) FROM spend WHERE tenant_id = $1 AND minor IS NULL) AS costs_without,
            (SELECT CAST(sum(amount_minor) AS BIGINT) FROM outcome WHERE tenant_id = $1 AND kind = 5) AS revenue,
            (SELECT count(*) FROM outcome WHERE tenant_id = $1 AND kind = 5 AND fx_missing) AS deals_without`,
    [tenant],
  )
  return Object.fromEntries(Object.entries(row!).map(([key, value]) => [key, value === null ? null : Number(value)]))
}

describe.each(ENGINES)('dated rates on %s', (engine) => {
  test('a foreign cost and a foreign deal give the return they have in their own currency (F127)', async () => {
    const database = await openTestDatabase(engine)
    const foreign = [cost('k', '2026-01-10', '1000.00', 'USD'), ...won('d', '2026-01-20', '3500.00', 'USD')]
    await loadAndRecompute(database, 1, [rate('USD', 'CNY', '2026-01-01', '7.123456'), ...foreign])
    await loadAndRecompute(database, 2, foreign, { ...SETTINGS, currency: 'USD' })
    const [ours, theirs] = [await figures(database), await figures(database, 2)]
    expect(ours).toEqual({ cost: 712_346, costs_without: 0, revenue: 2_493_210, deals_without: 0 })
    expect(theirs).toEqual({ cost: 100_000, costs_without: 0, revenue: 350_000, deals_without: 0 })
    const roi = ({ cost: c, revenue }: Record<string, number | null>) => ((revenue! - c!) / c!) * 100
    expect(roi(ours)).toBeCloseTo(roi(theirs), 3)
    expect(roi(theirs)).toBe(250)
  })

  test('without a rate both sides leave the amount out and say so, and none is taken as 1', async () => {
    const database = await openTestDatabase(engine)
    const records = [
      cost('k1', '2026-01-10', '1000.00', 'USD'),
      cost('k2', '2026-01-10', '50.00', 'CNY'),
      ...won('d', '2026-01-20', '3500.00', 'USD'),
    ]
    await loadAndRecompute(database, 1, records)
    const without = { cost: 5_000, costs_without: 1, revenue: 0, deals_without: 1 }
    expect(await figures(database)).toEqual(without)
    // A rate that begins later is none on the day of the spend, nor on the day of the close.
    await loadAndRecompute(database, 1, [rate('USD', 'CNY', '2026-01-21', '7')])
    expect(await figures(database)).toEqual(without)
    await loadAndRecompute(database, 1, [rate('USD', 'CNY', '2026-01-10', '7')])
    expect(await figures(database)).toEqual({ cost: 705_000, costs_without: 0, revenue: 2_450_000, deals_without: 0 })
    await database.write((tx) =>
      removeRecords(tx, { tenant: 1, source: 'test' }, [
        { type: 'rate', id: 'USDCNY2026-01-10' },
        { type: 'rate', id: 'USDCNY2026-01-21' },
      ]),
    )
    await recompute(database, 1, SETTINGS)
    expect(await figures(database)).toEqual(without)
  })

  test('each day is converted at the rate that holds on it', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(database, 1, [
      rate('USD', 'CNY', '2026-01-01', '7.0'),
      rate('USD', 'CNY', '2026-02-01', '7.5'),
      cost('k1', '2026-01-31', '100.00', 'USD'),
      cost('k2', '2026-02-01', '100.00', 'USD'),
    ])
    const rows = await database.query('SELECT minor FROM spend ORDER BY day')
    expect(rows.map(({ minor }) => Number(minor))).toEqual([70_000, 75_000])
    expect(await worth(database)).toEqual([
      'USD 2026-01-01..2026-02-01 7 (7.0, USDCNY2026-01-01)',
      'USD 2026-02-01..9999-12-31 7.5 (7.5, USDCNY2026-02-01)',
    ])
  })

  test('goes by the direct rate, else the inverse one, else over one third currency, in minor units of both', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(database, 1, [
      rate('EUR', 'USD', '2026-01-01', '1.25'),
      rate('EUR', 'CNY', '2026-01-05', '8'),
      rate('CNY', 'USD', '2026-01-10', '0.125'),
      rate('USD', 'CNY', '2026-01-20', '7'),
      rate('EUR', 'JPY', '2026-01-06', '160'),
      rate('EUR', 'USD', '2026-01-07', '1.6'),
    ])
    expect(await worth(database)).toEqual([
      'EUR 2026-01-05..9999-12-31 8 (8, EURCNY2026-01-05)',
      'JPY 2026-01-06..9999-12-31 5 (8/160, EURJPY2026-01-06)',
      'USD 2026-01-05..2026-01-07 6.4 (8/1.25, EURUSD2026-01-01)',
      'USD 2026-01-07..2026-01-10 5 (8/1.6, EURUSD2026-01-07)',
      'USD 2026-01-10..2026-01-20 8 (1/0.125, CNYUSD2026-01-10)',
      'USD 2026-01-20..9999-12-31 7 (7, USDCNY2026-01-20)',
    ])
  })

  test('of several sources, a rate that a person entered counts, then the first by name', async () => {
    const database = await openTestDatabase(engine)
    await load(database, 1, [rate('USD', 'CNY', '2026-01-01', '7.1')], 'a-bank')
    await load(
      database,
      1,
      [rate('USD', 'CNY', '2026-01-01', '7.3'), rate('USD', 'CNY', '2026-01-02', '7.4')],
      'b-bank',
    )
    await load(database, 1, [rate('USD', 'CNY', '2026-01-02', '7.2')], 'manual')
    await loadAndRecompute(database, 1, [cost('k', '2026-01-01', '1', 'USD')])
    expect((await worth(database)).map((line) => line.split(' ')[2])).toEqual(['7.1', '7.2'])
  })

  test('a new rate recomputes what it touches and nothing else', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(database, 1, [
      rate('USD', 'CNY', '2026-01-01', '7'),
      ...won('early', '2026-01-20', '1', 'USD'),
      ...won('late', '2026-02-20', '1', 'USD'),
      ...won('home', '2026-02-20', '1', 'CNY'),
      {
        type: 'payment',
        id: 'p',
        dealId: 'home',
        amount: { amount: '1', currency: 'USD' },
        paidAt: new Date('2026-03-01'),
      },
    ])
    const done = await loadAndRecompute(database, 1, [rate('USD', 'CNY', '2026-02-01', '8')])
    // The late deal, and the one with a payment.
    expect(done).toMatchObject({ mode: 'changed', outcomes: 3 })
    expect((await recompute(database, 1, SETTINGS)).mode).toBe('none')
    expect(await loadAndRecompute(database, 1, [rate('EUR', 'CNY', '2026-02-01', '8')])).toMatchObject({ outcomes: 0 })
  })

  test('an amount that a rate would make larger than can be kept counts as one without a rate', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(database, 1, [
      rate('USD', 'CNY', '2026-01-01', '999999999999'),
      cost('k', '2026-01-10', '1000000', 'USD'),
      ...won('d', '2026-01-20', '1000000', 'USD'),
    ])
    expect(await figures(database)).toEqual({ cost: null, costs_without: 1, revenue: 0, deals_without: 1 })
  })

  test('changed rates end in the same figures as computing everything', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    const drawn = fc.record({
      from: fc.constantFrom('USD', 'EUR', 'JPY', 'CNY'),
      to: fc.constantFrom('USD', 'EUR', 'CNY'),
      day: fc.integer({ min: 1, max: 28 }),
      factor: fc.constantFrom('7.2', '0.1389', '1', '155.25'),
    })
    const rates = fc.array(drawn, { minLength: 1, maxLength: 8 }).map((list) =>
      list
        .filter(({ from, to }) => from !== to)
        .map(({ from, to, day, factor }) => {
          return rate(from, to, `2026-01-${String(day).padStart(2, '0')}`, factor)
        }),
    )
    const money = ['USD', 'EUR', 'JPY', 'CNY'].flatMap((currency, i) => [
      cost(`k${i}`, `2026-01-${10 + i}`, '-123.45', currency),
      ...won(`d${i}`, `2026-01-${12 + i}`, '999.99', currency),
    ])
    const all = async () =>
      JSON.stringify(
        [
          await database.query('SELECT cost_id, minor FROM spend WHERE tenant_id = $1 ORDER BY cost_id', [tenant]),
          await database.query(
            'SELECT kind, id, amount_minor, fx_missing FROM outcome WHERE tenant_id = $1 ORDER BY kind, id',
            [tenant],
          ),
        ],
        (_, value) => (typeof value === 'bigint' ? String(value) : value),
      )
    await fc.assert(
      fc.asyncProperty(rates, rates, async (before, after) => {
        tenant += 1
        await loadAndRecompute(database, tenant, [...money, ...before])
        await loadAndRecompute(database, tenant, after)
        const changed = await all()
        await recompute(database, tenant, SETTINGS, true)
        expect(changed).toEqual(await all())
      }),
      { numRuns: times(8, 40) },
    )
  }, 60_000)
})

test('rates and invoices come from files, a corrected file replaces its rates, and both are exported again', async () => {
  const place = await openPlace('duckdb')
  const { database } = place.env
  const texts = {
    'contacts.csv': 'contact_id,created_at\nc1,2026-01-01\n',
    'deals.csv': 'deal_id,contact_ids,amount,currency,closed_at,won\nd1,c1,100,USD,2026-01-20,yes\n',
    'invoices.csv': 'invoice_id,deal_id,amount,currency,issued_at\ni1,d1,40,USD,2026-02-10\ni2,d1,-10,USD,2026-02-11\n',
    'rates.csv': 'date,from,to,rate\n2026-01-01,USD,CNY,7\n2026-02-01,USD,CNY,8\n',
  }
  await importTexts(place, texts)
  const amounts = () => database.query('SELECT kind, amount_minor FROM outcome WHERE kind >= 5 ORDER BY kind, day')
  const money = (...rows: [number, bigint][]) => rows.map(([kind, amount_minor]) => ({ kind, amount_minor }))
  expect(await amounts()).toEqual(money([5, 70_000n], [7, 32_000n], [7, -8_000n]))
  await importTexts(place, { 'rates.csv': 'date,from,to,rate\n2026-02-01,USD,CNY,9\n' })
  expect(await amounts()).toEqual(money([5, 70_000n], [7, 36_000n], [7, -9_000n]))
  const exported = async (what: 'invoices' | 'rates') => {
    let text = ''
    for await (const part of exportRecords(database, place.workspace, { what, format: 'csv' })) text += part
    return text
  }
  expect(await exported('rates')).toBe(
    'source_id,date,from,to,rate,source\n' +
      'USD/CNY 2026-01-01,2026-01-01,USD,CNY,7,files\nUSD/CNY 2026-02-01,2026-02-01,USD,CNY,9,files\n',
  )
  expect((await exported('invoices')).split('\n')[2]).toBe('i2,d1,-10.00,USD,2026-02-11T00:00:00.000Z,files')
})

test('on every day a currency is worth what a search through all rates says', () => {
  const codes = ['CNY', 'EUR', 'JPY', 'USD']
  const days = Array.from({ length: 9 }, (_, i) => `2026-01-0${i + 1}`)
  const drawn = fc.uniqueArray(
    fc.record({
      currency_from: fc.constantFrom(...codes),
      currency_to: fc.constantFrom(...codes),
      date: fc.constantFrom(...days),
      factor: fc.constantFrom('0.5', '2', '4', '0.25', '8', '0'),
    }),
    { maxLength: 12, selector: (r) => `${r.currency_from}${r.currency_to}${r.date}` },
  )
  fc.assert(
    fc.property(drawn, (list) => {
      const rates: RateRow[] = list
        .filter((r) => r.currency_from !== r.currency_to)
        .sort((a, b) => (a.date < b.date ? -1 : 1))
        .map((r, i) => ({ ...r, id: BigInt(i) }))
      const one = (from: string, to: string, day: string) => {
        const last = (a: string, b: string) =>
          rates.findLast((r) => r.currency_from === a && r.currency_to === b && r.date <= day && r.factor !== '0')
        const direct = last(from, to)
        if (direct) return Number(direct.factor)
        const inverse = last(to, from)
        return inverse ? 1 / Number(inverse.factor) : undefined
      }
      const held = crossRates(rates, 'CNY')
      for (const day of days) {
        for (const from of codes.slice(1)) {
          const crossed = codes
            .filter((code) => code !== from && code !== 'CNY')
            .map((by) => {
              const [a, b] = [one(from, by, day), one(by, 'CNY', day)]
              return a !== undefined && b !== undefined ? a * b : undefined
            })
          // Fils and yen: JPY has no minor unit, CNY has two digits.
          const shift = from === 'JPY' ? 100 : 1
          const major = one(from, 'CNY', day) ?? crossed.find((value) => value !== undefined)
          const mine = held.filter((h) => h.currency === from && h.from <= day && (h.to === null || day < h.to))
          expect(mine.map(({ factor }) => factor)).toEqual(major === undefined ? [] : [major * shift])
        }
      }
    }),
  )
})
