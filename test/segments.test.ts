import { describe, expect, test } from 'vitest'
import { Segments } from '../src/api/segments.ts'
import { type SavedSegment, segments, withSegment } from '../src/metrics/segments.ts'
import { parse } from '../src/server/parse.ts'
import { REQUESTS } from '../src/server/requests.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { SET_A, setRecords } from './support/reference-sets.ts'
import { load, testWorkspace } from './support/store.ts'

const PAID: SavedSegment = { name: 'Paid', where: [{ dimension: 'channel', is: ['Google ads', 'social'] }] }
const WEB: SavedSegment = { name: 'Web', where: [{ dimension: 'channel', is: ['Google ads', 'e-mail'] }] }
const EXPO: SavedSegment = { name: 'Expo', where: [{ dimension: 'channel', is: ['expo'] }] }

describe.each(ENGINES)('segments of set A on %s', (engine) => {
  test('F94: each has its own return, what two share is stated, and their sum is no total', async () => {
    const database = await openTestDatabase(engine)
    await load(database, 1, setRecords(SET_A))
    const ask = { workspace: 'w1', model: 'linear', from: null, to: null } as const
    const found = Segments.parse(await segments(database, testWorkspace(1), ask, [PAID, WEB, EXPO], 'en'))
    expect(found.rows.map(({ key, cost, revenue, roi }) => [key, cost, revenue, roi])).toEqual([
      ['Paid', '80000.00', '360000.00', 350],
      ['Web', '60000.00', '380000.00', 533.3333333333333],
      ['Expo', '80000.00', '500000.00', 525],
    ])
    // Google ads are in both; 360,000 + 380,000 + 500,000 is 300,000 more than there is.
    expect(found.overlaps).toEqual([{ segments: ['Paid', 'Web'], revenue: '300000.00' }])
    expect(found.total).toMatchObject({ cost: '170000.00', revenue: '940000.00' })
  })
})

test('a saved segment adds its conditions to those of the question, whatever the case of its name', () => {
  const where = [{ dimension: 'region' as const, is: ['East'] }]
  expect(withSegment({ segment: 'PAID', where }, [PAID])).toEqual({ where: [...where, ...PAID.where] })
  expect(withSegment({ where }, [PAID])).toEqual({ where })
  expect(() => withSegment({ segment: 'nobody' }, [PAID])).toThrow('There is no segment "nobody".')
})

test('conditions are the same after a command was parsed and sent on to a running server', () => {
  const once = parse(REQUESTS.report, { where: 'channel:google_ads|baidu_ads' })
  expect(once.where).toEqual([{ dimension: 'channel', is: ['google_ads', 'baidu_ads'] }])
  expect(parse(REQUESTS.report, once)).toEqual(once)
  expect(parse(REQUESTS.report, { where: ['online:offline', 'region:East'] }).where).toHaveLength(2)
  for (const where of ['channel', 'nothing:x', 'month:2026-01', 'channel:']) {
    expect(() => parse(REQUESTS.report, { where }), where).toThrow()
  }
})
