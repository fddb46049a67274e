import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DateBasis } from '../src/api.ts'
import { attributeFile } from '../src/attribution/attribute-file/index.ts'
import { chainCredit, chainOfRows } from '../src/attribution/counted.ts'
import { chainOf, weightsOf } from '../src/attribution/paths.ts'
import { shapleySets, shapleyUnique } from '../src/attribution/shapley.ts'
import { attribution } from '../src/metrics/data-driven/attribution.ts'
import { pathsByChannel, readFloor } from '../src/metrics/data-driven/floor.ts'
import { Journeys } from '../src/metrics/data-driven/journeys.ts'
import { readFigures } from '../src/metrics/snapshot.ts'
import { DATA_FLOOR, DATA_MODELS } from '../src/model/data-models.ts'
import type { Period } from '../src/model/period.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { Settings } from '../src/model/settings.ts'
import { ENGINES, type Engine, openTestDatabase, temporaryFolder } from './support/databases.ts'
import { journeyRecords, type TestJourney } from './support/journeys.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load, testWorkspace } from './support/store.ts'
import { times } from './support/thorough.ts'

/** The journeys that data-driven models are computed from, as the fact store counts them (attribution.md §2, §3). */

const at = (day: string) => new Date(`${day}T08:00:00Z`)
const contact = (id: string): AnyRecord => ({ type: 'contact', id, createdAt: at('2024-01-01') })
const touch = (person: string, channel: string, day: string, campaignId?: string): AnyRecord => ({
  type: 'touch',
  id: `${person}-${channel}-${day}`,
  person: { contactId: person },
  occurredAt: at(day),
  channel,
  ...(campaignId && { campaignId }),
})
const deal = (id: string, person: string, day: string, more: object = {}): AnyRecord => ({
  type: 'deal',
  id,
  contactIds: [person],
  amount: { amount: '100.00', currency: 'CNY' },
  createdAt: at('2026-01-02'),
  closedAt: at(day),
  won: true,
  ...more,
})
const YEAR = { from: '2026-01-01', to: '2027-01-01' }
type Query = Period & { readonly dateBasis?: DateBasis }

/** Paths of the journeys of a period: `+` those won, `-` those not, each with its number where it is not 1. */
async function pathsOf(
  engine: Engine,
  records: readonly AnyRecord[],
  query: Query = YEAR,
  settings: Partial<Settings> = {},
): Promise<string[]> {
  const database = await openTestDatabase(engine)
  await load(database, 1, records)
  const workspace = testWorkspace(1, settings)
  return readFigures(database, workspace, async (reader) => {
    const journeys = await Journeys.of(reader, workspace, { dateBasis: 'close', ...query })
    const { rows } = await journeys.paths()
    return rows
      .flatMap(({ path, conversions, nulls }) => {
        const text = path.map((code) => journeys.channels[code]!.key).join(' ')
        const times = (count: number) => (count === 1 ? '' : `${count}x `)
        return [
          ...(conversions > 0 ? [`+ ${times(conversions)}${text}`] : []),
          ...(nulls > 0 ? [`- ${times(nulls)}${text}`] : []),
        ]
      })
      .sort()
  })
}

describe.each(ENGINES)('journeys of a period on %s', (engine) => {
  test('a won deal is one that converted; who was touched and won nothing is one that did not', async () => {
    const paths = await pathsOf(engine, [
      ...['ann', 'bob', 'cid'].map(contact),
      touch('ann', 'ads', '2026-02-01'),
      touch('ann', 'mail', '2026-02-02'),
      touch('bob', 'ads', '2026-02-01'),
      touch('cid', 'ads', '2026-02-01'),
      deal('d1', 'ann', '2026-03-01'),
      { ...deal('d2', 'bob', '2026-03-01'), won: false } as AnyRecord,
    ])
    expect(paths).toEqual(['+ ads mail', '- 2x ads'])
  })

  test('a deal won without a touch is in none, and a person in a deal of the period in no other', async () => {
    const paths = await pathsOf(engine, [
      ...['ann', 'bob'].map(contact),
      deal('d1', 'ann', '2026-03-01'),
      touch('ann', 'late', '2026-03-02'),
      touch('bob', 'ads', '2026-02-01'),
      touch('bob', 'late', '2026-05-01'),
      deal('d2', 'bob', '2026-03-01'),
    ])
    expect(paths).toEqual(['+ ads'])
  })

  test('a deal won before the period ends what led to it; one after it changes nothing', async () => {
    const records = [
      ...['ann', 'bob'].map(contact),
      touch('ann', 'ads', '2025-11-01'),
      deal('d1', 'ann', '2025-12-01'),
      touch('ann', 'mail', '2026-02-01'),
      touch('bob', 'expo', '2026-11-01'),
      deal('d2', 'bob', '2027-02-01'),
    ]
    expect(await pathsOf(engine, records)).toEqual(['- expo', '- mail'])
    expect(await pathsOf(engine, records, { from: null, to: null })).toEqual(['+ ads', '+ expo'])
    expect(await pathsOf(engine, records, { from: '2025-12-01', to: '2026-01-01' })).toEqual(['+ ads'])
  })

  test('touches count that a deal of the period could have had, within the look-back of the last of them', async () => {
    const records = [
      ...['ann', 'bob', 'cid'].map(contact),
      touch('ann', 'too-old', '2025-12-01'),
      touch('ann', 'old', '2025-12-12'),
      touch('ann', 'new', '2026-01-05'),
      touch('ann', 'newest', '2026-01-25'),
      touch('bob', 'future', '2026-02-01'),
      touch('cid', 'long-ago', '2025-11-20'),
    ]
    const january = { from: '2026-01-01', to: '2026-02-01' }
    expect(await pathsOf(engine, records, january, { lookback_days: 30 })).toEqual(['- new newest'])
    expect(await pathsOf(engine, records, january, { lookback_days: null })).toEqual([
      '- long-ago',
      '- too-old old new newest',
    ])
    // The period is that of the workspace's zone: 16:30 in London is tomorrow in Shanghai.
    const evening: AnyRecord[] = [
      contact('dan'),
      {
        type: 'touch',
        id: 'x',
        person: { contactId: 'dan' },
        occurredAt: new Date('2026-01-31T16:30:00Z'),
        channel: 'ads',
      },
    ]
    expect(await pathsOf(engine, evening, january, { zone: 'Asia/Shanghai' })).toEqual([])
    expect(await pathsOf(engine, evening, january)).toEqual(['- ads'])
  })

  test('by the date of the opportunity, the acquisition and the touch', async () => {
    const records = [
      contact('ann'),
      touch('ann', 'ads', '2026-01-10'),
      touch('ann', 'mail', '2026-02-10'),
      deal('d1', 'ann', '2026-04-10', { createdAt: at('2026-03-10') }),
      { ...contact('bob'), leadAt: at('2026-02-20') } as AnyRecord,
      touch('bob', 'expo', '2026-02-20'),
      deal('d2', 'bob', '2026-05-10', { createdAt: at('2026-05-01') }),
      contact('cid'),
      touch('cid', 'phone', '2026-02-15'),
    ]
    const month = (number: number) => ({ from: `2026-0${number}-01`, to: `2026-0${number + 1}-01` })
    expect(await pathsOf(engine, records, { ...month(3), dateBasis: 'created' })).toEqual([
      '+ ads mail',
      '- expo',
      '- phone',
    ])
    expect(await pathsOf(engine, records, { ...month(2), dateBasis: 'cohort' })).toContain('+ expo')
    expect(await pathsOf(engine, records, { ...month(2), dateBasis: 'touch' })).toEqual([
      '+ ads mail',
      '+ expo',
      '- phone',
    ])
    expect(await pathsOf(engine, records, { ...month(1), dateBasis: 'touch' })).toEqual(['+ ads mail'])
    // Nobody was touched in March.
    expect(await pathsOf(engine, records, { ...month(3), dateBasis: 'touch' })).toEqual([])
  })

  test('a deal lost again by then converts no journey', async () => {
    const stage = (id: string, won: boolean): AnyRecord => ({
      ...{ type: 'stage', id, pipeline: 'p', label: id, position: 1, closed: true },
      won,
    })
    const entered = (id: string, stage: string, day: string): AnyRecord => ({
      ...{ type: 'stage_change', id, dealId: 'd1', stage },
      changedAt: at(day),
    })
    const records = [
      contact('ann'),
      touch('ann', 'ads', '2026-01-10'),
      ...[stage('won', true), stage('lost', false)],
      ...[entered('s1', 'won', '2026-02-01'), entered('s2', 'lost', '2026-06-01')],
      { ...deal('d1', 'ann', '2026-06-01'), won: false, stage: 'lost' } as AnyRecord,
    ]
    expect(await pathsOf(engine, records, { from: '2026-01-01', to: '2026-05-01' })).toEqual(['+ ads'])
    expect(await pathsOf(engine, records)).toEqual(['- ads'])
  })

  test('journeys without a deal follow the direct and campaign options as those with one do', async () => {
    const people = ['ann', 'bob']
    const records = [
      { type: 'campaign', id: 'k', name: 'K' } as AnyRecord,
      ...people.map(contact),
      ...people.flatMap((person) => [
        touch(person, 'direct', '2026-02-01'),
        touch(person, 'mail', '2026-02-02'),
        touch(person, 'direct', '2026-02-03', 'k'),
        touch(person, 'ads', '2026-02-04', 'k'),
      ]),
      deal('d1', 'bob', '2026-03-01'),
      contact('cid'),
      touch('cid', 'direct', '2026-02-01'),
    ]
    const both = async (settings: Partial<Settings>) => {
      const [first, ...more] = (await pathsOf(engine, records, YEAR, settings)).map((path) => path.split(' '))
      const alone = more.filter((path) => path.join(' ') !== '- direct')
      expect(alone.map((path) => path.slice(1))).toEqual([first!.slice(1)])
      return first!.slice(1).join(' ')
    }
    expect(await both({})).toBe('direct mail direct ads')
    expect(await both({ direct_handling: 'ignore' })).toBe('mail ads')
    expect(await both({ campaigns_first: true })).toBe('direct ads')
    expect(await both({ campaigns_first: true, direct_handling: 'ignore' })).toBe('ads')
  })

  test('touches that a rule leaves out are in no journey', async () => {
    const records = [contact('ann'), touch('ann', 'ads', '2026-02-01'), touch('ann', 'spam', '2026-02-02')]
    const eligibility = { include_kinds: [], exclude_kinds: [], include_channels: [], exclude_channels: ['spam'] }
    expect(await pathsOf(engine, records, YEAR, { eligibility })).toEqual(['- ads'])
  })
})

test.each(ENGINES)('what SQL counts of any workspace is what its paths give on %s', async (engine) => {
  await fc.assert(
    fc.asyncProperty(
      randomWorkspace,
      fc.constantFrom<DateBasis>('close', 'created', 'touch', 'cohort'),
      async (random, dateBasis) => {
        const database = await openTestDatabase(engine)
        await load(database, 1, toRecords(random))
        const workspace = testWorkspace(1)
        const ask = { from: '2026-01-05', to: '2026-01-20', dateBasis }
        await readFigures(database, workspace, async (reader) => {
          const journeys = await Journeys.of(reader, workspace, ask)
          const channels = journeys.channels.length
          const paths = await journeys.paths()
          for (const order of [1, 2, 3] as const) {
            const counted = chainOfRows(await journeys.transitions(order), channels, order)
            expect(counted).toEqual({ ...chainOf(paths, order) })
          }
          const sets = await journeys.sets()
          const [bySets, byPaths] = [shapleySets(sets, channels), shapleyUnique(paths, weightsOf(paths))]
          for (const kind of ['conversions', 'value'] as const) {
            for (const [channel, part] of byPaths[kind].entries()) expect(bySets[kind][channel]).toBeCloseTo(part, 6)
          }
          const counts = pathsByChannel(sets, channels)
          const naive = journeys.channels.map((_, code) =>
            paths.rows.reduce((sum, row) => sum + (row.path.includes(code) ? row.conversions + row.nulls : 0), 0),
          )
          expect([...counts]).toEqual(naive)
          const floor = await readFloor(reader, workspace, ask, true)
          expect(floor.conversions).toBe(paths.rows.reduce((sum, { conversions }) => sum + conversions, 0))
          expect(floor.thin).toEqual(
            journeys.channels
              .map(({ key }, code) => ({ key, paths: naive[code]! }))
              .filter(({ paths }) => paths > 0 && paths < DATA_FLOOR.paths)
              .sort((a, b) => a.paths - b.paths),
          )
        })
      },
    ),
    { numRuns: times(engine === 'duckdb' ? 6 : 4, 80) },
  )
})

const PATH_DATA = resolve(import.meta.dirname, '../../shared/fixtures/attribution/PathData.csv')

/** Every so many-th path of the published data, with whole cents. */
function sample(every: number) {
  const lines = readFileSync(PATH_DATA, 'utf8').trimEnd().split('\n').slice(1)
  return lines
    .filter((_, i) => i % every === 0)
    .map((line) => {
      const [path = '', conversions = '', value = '', nulls = ''] = line.split(',')
      return {
        path: path.split(' > '),
        conversions: Number(conversions),
        nulls: Number(nulls),
        minor: Math.round(Number(value) * 100),
      }
    })
}

describe.runIf(existsSync(PATH_DATA)).each(ENGINES)('published paths on %s', (engine) => {
  test('a workspace of these journeys is credited as the file of them', async () => {
    const rows = sample(times(25, 5))
    const lines = rows.map(({ path, conversions, nulls, minor }) =>
      [path.join(' > '), conversions, (minor / 100).toFixed(2), nulls].join(','),
    )
    const file = join(await temporaryFolder(), 'paths.csv')
    writeFileSync(file, `path,total_conversions,total_conversion_value,total_null\n${lines.join('\n')}\n`)
    const expected = await attributeFile({ file, models: [...DATA_MODELS] })

    const journeys = rows.flatMap(({ path, conversions, nulls, minor }): TestJourney[] => [
      ...Array.from({ length: conversions }, (_, i) => ({
        path,
        amount: i === 0 ? minor - Math.floor(minor / conversions) * (conversions - 1) : Math.floor(minor / conversions),
      })),
      ...Array.from({ length: nulls }, () => ({ path })),
    ])
    const database = await openTestDatabase(engine)
    await load(database, 1, journeyRecords(journeys))
    const result = await attribution(database, testWorkspace(1), { from: null, to: null }, 'en')
    expect(result).toMatchObject({ journeys: expected.journeys, conversions: expected.conversions })
    expect(Number(result.value)).toBeCloseTo(expected.value, 2)
    for (const model of DATA_MODELS) {
      const { channels } = result.models.find(({ id }) => id === model)!.result!
      const wanted = expected.rows.filter((row) => row.model === model)
      expect(channels.map(({ channel }) => channel).sort()).toEqual(wanted.map(({ channel }) => channel))
      for (const { channel, conversions, value, removal_effect } of wanted) {
        const found = channels.find((one) => one.channel === channel)!
        expect(found.conversions).toBeCloseTo(conversions, 8)
        expect(Math.abs(Number(found.value) - value)).toBeLessThan(0.011)
        if (removal_effect !== undefined) expect(found.removal_effect).toBeCloseTo(removal_effect, 12)
      }
    }
  })
})

test('chains of any size are solved alike', () => {
  const rows = [
    { previous: 0, state: 1, journeys: 6, conversions: 2, nulls: 0, gain: 200, loss: 0 },
    { previous: 0, state: 2, journeys: 4, conversions: 0, nulls: 3, gain: 0, loss: 0 },
    { previous: 1, state: 2, journeys: 4, conversions: 3, nulls: 1, gain: 300, loss: 50 },
    { previous: 2, state: 1, journeys: 1, conversions: 1, nulls: 0, gain: 100, loss: 0 },
  ]
  const chain = chainOfRows(rows, 2, 1)
  const [eliminated, enclosed] = [chainCredit('markov_1', chain, 1, 100), chainCredit('markov_1', chain, 1, 0)]
  expect(eliminated.probability).toBeCloseTo(0.6, 12)
  for (const channel of [0, 1]) expect(enclosed.conversions[channel]).toBeCloseTo(eliminated.conversions[channel]!, 10)
})
