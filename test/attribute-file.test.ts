import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type AttributeOptions, type AttributeResult, attributeFile } from '../src/attribution/attribute-file/index.ts'
import { isRoiError, type RoiError } from '../src/errors.ts'

const PATH_DATA = resolve(import.meta.dirname, '../../shared/fixtures/attribution/PathData.csv')
const DAY = 86_400
const T0 = 1_767_225_600

const folder = mkdtempSync(join(tmpdir(), 'attribute-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let written = 0
function file(content: string | Uint8Array, name = `input-${++written}.csv`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

interface Touch {
  readonly journey: string
  readonly seq?: number | string
  readonly ts: number | string
  readonly channel: string
  readonly converted?: number | string
  readonly value?: number | string
}

const JOURNEY_HEADER = 'journey_id,seq,ts,channel,converted_at,value'
const PATH_HEADER = 'path,total_conversions,total_conversion_value,total_null'

function journeyFile(touches: readonly Touch[]): string {
  const lines = touches.map((t) =>
    [t.journey, t.seq ?? '', t.ts, t.channel, t.converted ?? '', t.value ?? ''].join(','),
  )
  return file(`${[JOURNEY_HEADER, ...lines].join('\n')}\n`)
}

const pathFile = (...lines: string[]) => file(`${[PATH_HEADER, ...lines].join('\n')}\n`)

/** Touches of one converted journey, `days` before the conversion. */
function journey(id: string, value: number | string, ...touches: [channel: string, days: number][]): Touch[] {
  return touches.map(([channel, days]) => ({
    ...{ journey: id, ts: T0 - days * DAY, channel, converted: T0, value },
  }))
}

/** Conversions and value of one model, by channel. */
function credit(result: AttributeResult, model: string): Record<string, [conversions: number, value: number]> {
  const rows = result.rows.filter((row) => row.model === model)
  return Object.fromEntries(rows.map((row) => [row.channel, [row.conversions, row.value]]))
}

function expectCredit(result: AttributeResult, model: string, expected: Record<string, [number, number]>): void {
  const actual = credit(result, model)
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  for (const [channel, [conversions, value]] of Object.entries(expected)) {
    expect(actual[channel]![0], `${model} ${channel}`).toBeCloseTo(conversions, 9)
    expect(actual[channel]![1], `${model} ${channel} value`).toBeCloseTo(value, 6)
  }
}

async function refusal(options: AttributeOptions): Promise<RoiError> {
  const error = await attributeFile(options).catch((reason: unknown) => reason)
  if (!isRoiError(error)) throw error
  expect(error.text.en).not.toBe('')
  expect(error.text['zh-CN']).toMatch(/\p{Script=Han}/u)
  expect(error.remedy?.['zh-CN']).toMatch(/\p{Script=Han}/u)
  return error
}

const total = (result: AttributeResult, model: string) =>
  result.rows.filter((row) => row.model === model).reduce((sum, row) => sum + row.conversions, 0)

describe('a file of touches', () => {
  // j1: a, b, direct, c; 100. j2: b, a; 50. j3: direct; 7. j4 did not convert.
  const golden = () =>
    journeyFile([
      ...journey('j1', '100.00', ['a', 21], ['b', 14], ['direct', 7], ['c', 0]),
      ...journey('j2', '50', ['b', 3], ['a', 1]),
      ...journey('j3', '7', ['direct', 2]),
      { journey: 'j4', ts: T0, channel: 'a' },
      { journey: 'j4', ts: T0 + 5, channel: 'c' },
    ])

  it('gives the credit that a hand computation gives', async () => {
    const result = await attributeFile({ file: golden() })
    expect([result.journeys, result.conversions, result.value]).toEqual([4, 3, 157])
    expectCredit(result, 'first', { a: [1, 100], b: [1, 50], c: [0, 0], direct: [1, 7] })
    expectCredit(result, 'last', { a: [1, 50], b: [0, 0], c: [1, 100], direct: [1, 7] })
    expectCredit(result, 'last_non_direct', { a: [1, 50], b: [0, 0], c: [1, 100], direct: [1, 7] })
    expectCredit(result, 'linear', { a: [3 / 4, 50], b: [3 / 4, 50], c: [1 / 4, 25], direct: [5 / 4, 32] })
    expectCredit(result, 'u_position', { a: [0.9, 65], b: [0.6, 35], c: [0.4, 40], direct: [1.1, 17] })
    expectCredit(result, 'j_position', { a: [0.95, 57.5], b: [0.35, 22.5], c: [0.6, 60], direct: [1.1, 17] })
    expectCredit(result, 'inverse_j_position', { a: [0.85, 72.5], b: [0.85, 47.5], c: [0.2, 20], direct: [1.1, 17] })
    // j1: weights 1/8, 1/4, 1/2, 1 of 15/8. j2: 2^(-2/7) and 1.
    const [older, all] = [2 ** (-2 / 7), 1 + 2 ** (-2 / 7)]
    expectCredit(result, 'time_decay', {
      a: [1 / 15 + 1 / all, 100 / 15 + 50 / all],
      b: [2 / 15 + older / all, 200 / 15 + (50 * older) / all],
      c: [8 / 15, 800 / 15],
      direct: [4 / 15 + 1, 400 / 15 + 7],
    })
    expectCredit(result, 'shapley_s1', { a: [3 / 4, 50], b: [3 / 4, 50], c: [1 / 4, 25], direct: [5 / 4, 32] })
  })

  it('answers in exactly the documented shape, models and channels in a fixed order', async () => {
    const result = await attributeFile({ file: golden(), models: 'markov,last', interval: 20 })
    expect(Object.keys(result)).toEqual(['journeys', 'conversions', 'value', 'rows', 'warnings'])
    expect(result.rows.map((row) => [row.model, row.channel])).toEqual(
      ['last', 'markov_1'].flatMap((model) => ['a', 'b', 'c', 'direct'].map((channel) => [model, channel])),
    )
    expect(Object.keys(result.rows[0]!)).toEqual(['channel', 'model', 'conversions', 'value'])
    const keys = ['channel', 'model', 'conversions', 'value', 'removal_effect', 'low', 'high']
    expect(Object.keys(result.rows[4]!)).toEqual(keys)
  })

  it('orders channels by their UTF-8 bytes', async () => {
    const channels = ['\u{1F600}', 'ﬀ', 'é', 'z', 'Z', '直接', '10', '9']
    const result = await attributeFile({
      file: journeyFile(channels.flatMap((channel, i) => journey(`j${i}`, 1, [channel, 1]))),
      models: 'linear',
    })
    const sorted = [...channels].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(result.rows.map((row) => row.channel)).toEqual(sorted)
  })

  it('computes Markov and Shapley over all journeys', async () => {
    // start -> a 1, a -> b 1/2, a -> conversion 1/4, a -> null 1/4, b -> conversion 1: P = 3/4; without b 1/4.
    const result = await attributeFile({
      file: journeyFile([
        ...journey('j1', 10, ['a', 2], ['b', 1]),
        ...journey('j2', 10, ['a', 2], ['b', 1]),
        ...journey('j3', 40, ['a', 1]),
        { journey: 'j4', ts: T0, channel: 'a' },
      ]),
    })
    const effects = result.rows.filter((row) => row.model === 'markov_1').map((row) => row.removal_effect)
    expect(effects[0]).toBe(1)
    expect(effects[1]).toBeCloseTo(2 / 3, 12)
    expectCredit(result, 'markov_1', { a: [9 / 5, 45], b: [6 / 5, 15] })
    expectCredit(result, 'markov_2', { a: [9 / 5, 45], b: [6 / 5, 15] })
    // v(a) = 1/4, v(b) = 0, v(ab) = 3/4: φ = 1/2 and 1/4. Value: v(a) = 40, v(b) = 0, v(ab) = 60.
    expectCredit(result, 'shapley_s6', { a: [2, 50], b: [1, 10] })
    expectCredit(result, 'shapley_s1', { a: [2, 50], b: [1, 10] })
  })

  it('drops touches after the conversion, keeps one at the same instant, and says how many it dropped', async () => {
    const late = { journey: 'j1', converted: T0, value: 10, channel: 'late' }
    const touches: Touch[] = [
      ...journey('j1', 10, ['a', 1], ['b', 0]),
      { ...late, ts: T0 + 1 },
      { ...late, ts: T0 + 9 },
    ]
    const result = await attributeFile({ file: journeyFile(touches), models: 'linear,markov_1' })
    expectCredit(result, 'linear', { a: [0.5, 5], b: [0.5, 5] })
    expect(result.warnings[0]).toContain('2 touches after the conversion')
  })

  it('puts a conversion that no touch precedes into a row of its own, under every model', async () => {
    const result = await attributeFile({
      file: journeyFile([
        ...journey('j1', 10, ['a', 1]),
        ...journey('j2', 5, ['b', -1]),
        { journey: 'j3', ts: '', channel: '', converted: T0, value: 2.5 },
        { journey: 'j4', ts: '', channel: '' },
      ]),
    })
    expect([result.journeys, result.conversions, result.value]).toEqual([4, 3, 17.5])
    for (const model of new Set(result.rows.map((row) => row.model))) {
      expectCredit(result, model, { '(unattributed)': [2, 7.5], a: [1, 10] })
    }
    expect(result.warnings.join()).toContain('2 conversions have no touch before them')
  })

  it('answers for a file in which nothing was touched at all', async () => {
    const none = { ts: '', channel: '', value: 4 }
    const rows = [
      { ...none, journey: 'j1', converted: T0 },
      { ...none, journey: 'j2' },
    ]
    const result = await attributeFile({ file: journeyFile(rows), interval: 3 })
    expect([result.journeys, result.conversions, result.value]).toEqual([2, 1, 4])
    for (const row of result.rows) expect([row.channel, row.conversions, row.value]).toEqual(['(unattributed)', 1, 4])
    expect(result.rows.length).toBe(13)
  })

  it('counts a touch without a channel as (none) and says so', async () => {
    const result = await attributeFile({ file: journeyFile(journey('j1', 1, ['', 2], ['a', 1])), models: 'first' })
    expectCredit(result, 'first', { '(none)': [1, 1], a: [0, 0] })
    expect(result.warnings.join()).toContain('1 touches without a channel')
  })

  it('looks past direct in any spelling, unless all is direct', async () => {
    const touches = [
      ...journey('j1', 1, ['a', 3], ['Direct', 2], ['(DIRECT)', 1]),
      ...journey('j2', 1, ['直接访问', 2], ['直接', 1]),
      ...journey('j3', 1, ['b', 2], ['self', 1]),
    ]
    const usual = credit(
      await attributeFile({ file: journeyFile(touches), models: 'last_non_direct' }),
      'last_non_direct',
    )
    expect([usual.a![0], usual.直接![0], usual.self![0]]).toEqual([1, 1, 1])
    const options = { file: journeyFile(touches), models: 'last_non_direct', directChannels: ['SELF'] }
    const own = credit(await attributeFile(options), 'last_non_direct')
    expect([own['(DIRECT)']![0], own.直接![0], own.b![0]]).toEqual([1, 1, 1])
    const none = await attributeFile({ ...options, directChannels: [] })
    expect(credit(none, 'last_non_direct').self![0]).toBe(1)
  })

  it('orders ties by seq, empty last, then by the bytes of the channel', async () => {
    const at = { journey: 'j1', ts: T0 - 1, converted: T0, value: 1 }
    const touches: Touch[] = [
      { ...at, channel: 'z' },
      { ...at, channel: 'é' },
      { ...at, channel: 'b', seq: 10 },
      { ...at, channel: 'c', seq: 9 },
    ]
    for (const rows of [touches, touches.toReversed()]) {
      const result = await attributeFile({ file: journeyFile(rows), models: 'first,last' })
      expectCredit(result, 'first', { b: [0, 0], c: [1, 1], z: [0, 0], é: [0, 0] })
      expectCredit(result, 'last', { b: [0, 0], c: [0, 0], z: [0, 0], é: [1, 1] })
    }
  })

  it('reads epoch seconds and ISO times, with zone, without (UTC) and with fractions, side by side', async () => {
    const converted = '2026-01-01T12:00:00Z'
    const times = [
      ['b', '2026-01-01T08:00:00.5Z'],
      ['a', '2026-01-01T08:00:00+08:00'],
      ['d', '2026-01-01 10:00'],
      ['e', '2026-01-01T11:30Z'],
      ['c', '1767258000.25'],
      ['f', '1767268800'],
      ['late', '2026-01-01T20:00:01+08:00'],
    ] as const
    const touches = times.map(([channel, ts]) => ({ journey: 'j', ts, channel, converted, value: 1 }))
    const result = await attributeFile({ file: journeyFile(touches), models: 'first,last,markov_1' })
    expect(credit(result, 'first').a![0]).toBe(1)
    expect(credit(result, 'last').f![0]).toBe(1)
    expect(Object.keys(credit(result, 'first'))).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('lets time decay go to linear and to last as the half-life grows and shrinks', async () => {
    const path = golden()
    const at = async (halfLifeDays: number) =>
      attributeFile({ file: path, models: 'time_decay,linear,last', halfLifeDays })
    const [slow, fast] = [await at(36_500), await at(0.0001)]
    for (const [channel, [conversions]] of Object.entries(credit(slow, 'linear'))) {
      expect(credit(slow, 'time_decay')[channel]![0]).toBeCloseTo(conversions, 3)
    }
    for (const [channel, [conversions]] of Object.entries(credit(fast, 'last'))) {
      expect(credit(fast, 'time_decay')[channel]![0]).toBeCloseTo(conversions, 9)
    }
  })

  it('keeps amounts exact: large, small and negative', async () => {
    const result = await attributeFile({
      file: journeyFile([
        ...journey('j1', '90000000000000.01', ['a', 1]),
        ...journey('j2', '0.000001', ['a', 1]),
        ...journey('j3', '-30', ['b', 2], ['c', 1]),
        ...journey('j4', '', ['d', 1]),
      ]),
      models: 'all',
    })
    expect(credit(result, 'first').a![1]).toBe(90_000_000_000_000.02)
    for (const model of ['linear', 'time_decay', 'markov_1', 'markov_3', 'shapley_s1', 'shapley_s6']) {
      expect(credit(result, model).b![1] + credit(result, model).c![1], model).toBeCloseTo(-30, 9)
    }
    expect(credit(result, 'last').d).toEqual([1, 0])
  })

  it('reads files as they come: BOM, CRLF, quotes, other separators, order of columns, columns of no use', async () => {
    const plain = credit(await attributeFile({ file: golden(), models: 'linear' }), 'linear')
    const lines = readFileSync(golden(), 'utf8').trim().split('\n')
    const turned = lines.map((line) => line.split(',').toReversed())
    const variants = [
      `\uFEFF${lines.join('\r\n')}\r\n\r\n`,
      lines.join('\n').replaceAll(',', ';'),
      lines.join('\n').replaceAll(',', '\t'),
      turned.map((fields, i) => [...fields, i === 0 ? 'Notes, "more"' : 'x,"y"'].map(quoted).join(',')).join('\n'),
      lines.join('\n').replace(JOURNEY_HEADER, ' Journey_ID , SEQ,TS,Channel,converted_at,VALUE'),
    ]
    for (const variant of variants) {
      expect(credit(await attributeFile({ file: file(variant), models: 'linear' }), 'linear')).toEqual(plain)
    }
  })

  it('reads a file whatever its name is', async () => {
    const content = readFileSync(golden())
    for (const name of ["it's; DROP.csv", 'export [2026] *?.csv', '渠道 (1).csv']) {
      expect((await attributeFile({ file: file(content, name), models: 'first' })).conversions).toBe(3)
    }
  })

  it('keeps ids, channels and quoted line breaks as they are written', async () => {
    const result = await attributeFile({
      file: file(
        `${JOURNEY_HEADER}\n007,1,${T0 - 1},"a, ""b""\nc",${T0},1\n7,1,${T0 - 1}, spaced ,${T0},1\n07,1,${T0 - 1},true,${T0},1\n`,
      ),
      models: 'first',
    })
    expect(result.journeys).toBe(3)
    expect(Object.keys(credit(result, 'first'))).toEqual([' spaced ', 'a, "b"\nc', 'true'])
  })
})

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`
}

/** Random journeys with a few ties, repeats and late touches. */
const journeys = fc.array(
  fc.record({
    converts: fc.boolean(),
    cents: fc.integer({ min: 0, max: 100_000 }),
    touches: fc.array(
      fc.record({
        channel: fc.constantFrom('a', 'b', 'c', 'direct', 'é'),
        hours: fc.integer({ min: -5, max: 800 }),
        seq: fc.option(fc.integer({ min: 0, max: 2 }), { nil: '' as const }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
  }),
  { minLength: 1, maxLength: 8 },
)
type Journeys = typeof journeys extends fc.Arbitrary<infer T> ? T : never

function touchesOf(data: Journeys, prefix = 'j'): Touch[] {
  return data.flatMap(({ converts, cents, touches }, i) =>
    touches.map(({ channel, hours, seq }) => ({
      ...{ journey: `${prefix}${i}`, seq, ts: T0 - hours * 3600, channel },
      ...(converts && { converted: T0, value: (cents / 100).toFixed(2) }),
    })),
  )
}

/** The rule models once more, in a plain loop over sorted touches (attribution.md §1). */
function byLoop(data: Journeys): Map<string, Map<string, [number, number]>> {
  const models = new Map<string, Map<string, [number, number]>>()
  for (const { converts, cents, touches } of data) {
    if (!converts) continue
    const rank = (seq: number | '') => (seq === '' ? Number.POSITIVE_INFINITY : seq)
    const path = touches
      .filter(({ hours }) => hours >= 0)
      .sort(
        (x, y) =>
          y.hours - x.hours ||
          (rank(x.seq) === rank(y.seq) ? 0 : rank(x.seq) - rank(y.seq)) ||
          Buffer.compare(Buffer.from(x.channel), Buffer.from(y.channel)),
      )
    for (const [model, weights] of Object.entries(weightsOf(path))) {
      const sums = models.get(model) ?? models.set(model, new Map()).get(model)!
      const add = (channel: string, weight: number) => {
        const [conversions, value] = sums.get(channel) ?? [0, 0]
        sums.set(channel, [conversions + weight, value + (weight * cents) / 100])
      }
      if (path.length === 0) add('(unattributed)', 1)
      for (const [i, { channel }] of path.entries()) add(channel, weights[i]!)
    }
  }
  return models
}

function weightsOf(path: readonly { channel: string; hours: number }[]): Record<string, number[]> {
  const n = path.length
  const at = (place: number) => path.map((_, i) => (i === place ? 1 : 0))
  const ends = (first: number, last: number) =>
    path.map((_, i) => {
      if (n === 1) return 1
      if (n === 2) return (i === 0 ? first : last) / (first + last)
      return i === 0 ? first : i === n - 1 ? last : (1 - first - last) / (n - 2)
    })
  const lastOther = path.findLastIndex(({ channel }) => channel !== 'direct')
  const decay = path.map(({ hours }) => 2 ** (-hours / 24 / 7))
  const decays = decay.reduce((sum, weight) => sum + weight, 0)
  return {
    ...{ first: at(0), last: at(n - 1), last_non_direct: at(lastOther < 0 ? n - 1 : lastOther) },
    ...{ linear: path.map(() => 1 / n), time_decay: decay.map((weight) => weight / decays) },
    ...{ u_position: ends(0.4, 0.4), j_position: ends(0.2, 0.6), inverse_j_position: ends(0.6, 0.2) },
  }
}

const RULES = 'first,last,last_non_direct,linear,u_position,j_position,inverse_j_position,time_decay'

describe('invariants of files', () => {
  it('credits by every rule model what a plain loop credits', async () => {
    await fc.assert(
      fc.asyncProperty(journeys, async (data) => {
        const result = await attributeFile({ file: journeyFile(touchesOf(data)), models: RULES })
        for (const [model, sums] of byLoop(data)) {
          for (const [channel, [conversions, value]] of sums) {
            expect(credit(result, model)[channel]![0]).toBeCloseTo(conversions, 10)
            expect(credit(result, model)[channel]![1]).toBeCloseTo(value, 5)
          }
          expect(total(result, model)).toBeCloseTo(result.conversions, 10)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('gives the same bytes for the rows in any order', async () => {
    await fc.assert(
      fc.asyncProperty(journeys, fc.integer(), async (data, seed) => {
        const touches = touchesOf(data)
        const mixed = touches
          .map((touch, i) => [Math.imul(seed ^ i, 0x9e3779b1) >>> 0, touch] as const)
          .sort(([x], [y]) => x - y)
          .map(([, touch]) => touch)
        expect(await attributeFile({ file: journeyFile(mixed) })).toEqual(
          await attributeFile({ file: journeyFile(touches) }),
        )
      }),
      { numRuns: 5 },
    )
  })

  it('does not let a touch after the conversion change a number', async () => {
    await fc.assert(
      fc.asyncProperty(journeys, async (data) => {
        const more = touchesOf(data).flatMap((touch) => {
          const late = { ...touch, ts: T0 + 60, channel: 'never seen' }
          return touch.converted === undefined ? [touch] : [late, touch]
        })
        const [with_, without] = [
          await attributeFile({ file: journeyFile(more) }),
          await attributeFile({ file: journeyFile(touchesOf(data)) }),
        ]
        expect(with_.rows).toEqual(without.rows)
      }),
      { numRuns: 5 },
    )
  })

  it('adds up: rule credit of two files together is the sum of both', async () => {
    await fc.assert(
      fc.asyncProperty(journeys, journeys, async (one, two) => {
        const [left, right] = [touchesOf(one), touchesOf(two, 'k')]
        const [a, b, both] = [
          await attributeFile({ file: journeyFile(left), models: RULES }),
          await attributeFile({ file: journeyFile(right), models: RULES }),
          await attributeFile({ file: journeyFile([...left, ...right]), models: RULES }),
        ]
        for (const row of both.rows) {
          const [x = 0, y = 0] = [credit(a, row.model), credit(b, row.model)].map((part) => part[row.channel]?.[0])
          expect(row.conversions).toBeCloseTo(x + y, 10)
        }
      }),
      { numRuns: 5 },
    )
  })

  it('shifts with time: moving every instant changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(journeys, async (data) => {
        const touches = touchesOf(data)
        const moved = touches.map((t) => ({
          ...{ ...t, ts: Number(t.ts) + 12_345_678 },
          ...(t.converted !== undefined && { converted: Number(t.converted) + 12_345_678 }),
        }))
        expect(await attributeFile({ file: journeyFile(moved) })).toEqual(
          await attributeFile({ file: journeyFile(touches) }),
        )
      }),
      { numRuns: 5 },
    )
  })

  it('keeps a journey of many thousand touches exact', async () => {
    const touches = Array.from({ length: 20_000 }, (_, i) => ['a', 'b', 'c'][i % 3]!)
    const rows = touches.map((channel, i) => ({ journey: 'j', ts: T0 + i, channel, converted: T0 + DAY, value: 9 }))
    const result = await attributeFile({ file: journeyFile(rows), models: 'linear,time_decay' })
    expect(total(result, 'linear')).toBeCloseTo(1, 12)
    expect(total(result, 'time_decay')).toBeCloseTo(1, 10)
  })
})

describe('a file of paths', () => {
  it('counts every line as its conversions and its failures', async () => {
    const result = await attributeFile({
      file: pathFile('a > b > a,2,30,3', 'b,1,5.5,0', 'a,0,0,4', 'c > c,1,,2'),
    })
    expect([result.journeys, result.conversions, result.value]).toEqual([13, 4, 35.5])
    expectCredit(result, 'first', { a: [2, 30], b: [1, 5.5], c: [1, 0] })
    expectCredit(result, 'linear', { a: [4 / 3, 20], b: [1 + 2 / 3, 15.5], c: [1, 0] })
    expectCredit(result, 'u_position', { a: [1.6, 24], b: [1.4, 11.5], c: [1, 0] })
    expectCredit(result, 'shapley_s1', { a: [1, 15], b: [2, 20.5], c: [1, 0] })
    expect(new Set(result.rows.map((row) => row.model))).toEqual(
      new Set([
        ...['first', 'last', 'last_non_direct', 'linear', 'u_position', 'j_position', 'inverse_j_position'],
        ...['markov_1', 'markov_2', 'markov_3', 'shapley_s1', 'shapley_s6'],
      ]),
    )
  })

  it('gives what the same journeys give touch by touch', async () => {
    await fc.assert(
      fc.asyncProperty(journeys, async (data) => {
        const ordered = data.map((one) => ({
          ...one,
          touches: one.touches.map((touch, i) => ({ ...touch, hours: 100 - i, seq: '' as const })),
        }))
        const lines = ordered.map(({ converts, cents, touches }) => {
          const path = touches.map((touch) => touch.channel).join(' > ')
          return `${path},${converts ? `1,${cents / 100},0` : '0,0,1'}`
        })
        const asPaths = await attributeFile({ file: pathFile(...lines) })
        const asTouches = await attributeFile({ file: journeyFile(touchesOf(ordered)) })
        const expected = asTouches.rows.filter((row) => row.model !== 'time_decay')
        expect(asPaths.rows.length).toBe(expected.length)
        for (const [i, row] of asPaths.rows.entries()) {
          expect([row.model, row.channel]).toEqual([expected[i]!.model, expected[i]!.channel])
          expect(row.conversions).toBeCloseTo(expected[i]!.conversions, 9)
          expect(row.value).toBeCloseTo(expected[i]!.value, 6)
        }
      }),
      { numRuns: 5 },
    )
  })

  it('takes a line without a path for conversions without a touch', async () => {
    const result = await attributeFile({ file: pathFile('a,1,1,0', ',2,8,5'), models: 'last,markov' })
    expectCredit(result, 'last', { '(unattributed)': [2, 8], a: [1, 1] })
    expectCredit(result, 'markov_1', { '(unattributed)': [2, 8], a: [1, 1] })
  })
})

describe('models, options and warnings', () => {
  const small = () => pathFile('a > b,5,10,5', 'b,1,1,40')

  it('knows markov and shapley as names of the plain variants, and names each model once', async () => {
    const result = await attributeFile({ file: small(), models: ['shapley', 'markov', 'markov_1', 'first'] })
    expect([...new Set(result.rows.map((row) => row.model))]).toEqual(['first', 'markov_1', 'shapley_s1'])
    expect(result.rows.length).toBe(6)
  })

  it.each([
    ['w_milestone', /dates of lead and opportunity/],
    ['u_milestone', /dates of lead and opportunity/],
    ['custom', /setting of a workspace/],
    ['influence', /never adds up/],
    ['time_decay', /time of each touch/],
  ])('refuses %s for a file of paths and says why', async (model, reason) => {
    const error = await refusal({ file: small(), models: `first,${model}` })
    expect([error.kind, error.code]).toEqual(['usage', 'model_not_possible'])
    expect(error.text.en).toMatch(reason)
  })

  it.each(['lineer', 'constructor', '', ' , '])('refuses the unknown model "%s" and lists the known', async (model) => {
    const error = await refusal({ file: small(), models: model })
    expect([error.kind, error.code]).toEqual(['usage', 'unknown_model'])
    expect(error.remedy?.en).toContain('markov_1')
  })

  it('warns below the data floor, in the language asked for, and only where it matters', async () => {
    const english = (await attributeFile({ file: small(), models: 'markov' })).warnings
    expect(english[0]).toContain('Only 6 conversions: below 300')
    expect(english[1]).toContain('Fewer than 30 paths: a.')
    const chinese = (await attributeFile({ file: small(), models: 'markov', locale: 'zh-CN' })).warnings
    expect(chinese.length).toBe(2)
    for (const warning of chinese) expect(warning).toMatch(/\p{Script=Han}/u)
    expect((await attributeFile({ file: small(), models: 'linear' })).warnings).toEqual([])
    expect((await attributeFile({ file: pathFile('a > b > a,300,1,0'), models: 'all' })).warnings).toEqual([])
  })

  it('says when Shapley s6 is estimated', async () => {
    const lines = Array.from({ length: 15 }, (_, i) => `c${i} > c${(i + 1) % 15},400,1,40`)
    const result = await attributeFile({ file: pathFile(...lines), models: 'shapley_s6' })
    expect(result.warnings[0]).toContain('15 channels are too many for all coalitions')
    expect(total(result, 'shapley_s6')).toBeCloseTo(6000, 6)
  })

  it('answers with zeros and a warning when nothing converted', async () => {
    const result = await attributeFile({ file: pathFile('a > b,0,0,5') })
    for (const row of result.rows) expect([row.conversions, row.value]).toEqual([0, 0])
    expect(result.warnings[0]).toContain('Nothing converted')
  })

  it('gives seeded intervals around the data-driven models: same seed, same bytes', async () => {
    const options = { file: small(), models: 'linear,markov,markov_2,shapley_s1,shapley_s6', interval: 60 }
    const result = await attributeFile(options)
    expect(await attributeFile(options)).toEqual(result)
    expect(await attributeFile({ ...options, seed: 2 })).not.toEqual(result)
    for (const row of result.rows) {
      if (row.model === 'linear') expect(row.low).toBeUndefined()
      else
        expect([row.low! <= row.conversions, row.conversions <= row.high!, row.low! < row.high!]).toEqual([
          true,
          true,
          true,
        ])
    }
  })

  it('narrows the interval as the data grows, by the square root', async () => {
    const width = async (times: number) => {
      const lines = [`a > b,${5 * times},1,${5 * times}`, `b,${times},1,${40 * times}`]
      const result = await attributeFile({ file: pathFile(...lines), models: 'shapley_s1', interval: 400 })
      return (result.rows[0]!.high! - result.rows[0]!.low!) / times
    }
    const [one, hundred] = [await width(10), await width(1000)]
    expect(one / hundred).toBeGreaterThan(8)
    expect(one / hundred).toBeLessThan(12)
  })

  it('keeps the bounds of the binomial distribution', async () => {
    // All credit of one channel = number of conversions: 200 of 1000, standard deviation sqrt(1000 · 0.2 · 0.8) = 12.65.
    const options = { file: pathFile('a,200,1,800'), models: 'markov', interval: 2000 }
    const [row] = (await attributeFile(options)).rows
    expect(row!.low!).toBeGreaterThan(200 - 1.96 * 12.65 - 2.5)
    expect(row!.low!).toBeLessThan(200 - 1.96 * 12.65 + 2.5)
    expect(row!.high!).toBeGreaterThan(200 + 1.96 * 12.65 - 2.5)
    expect(row!.high!).toBeLessThan(200 + 1.96 * 12.65 + 2.5)
  })

  it.each([
    { halfLifeDays: 0 },
    { halfLifeDays: Number.NaN },
    { interval: 0.5 },
    { interval: -1 },
    { interval: 20_000 },
    { seed: 0.1 },
  ])('refuses the option %o', async (option) => {
    const error = await refusal({ file: small(), ...option })
    expect([error.kind, error.code]).toEqual(['usage', 'option_invalid'])
  })

  it('stops when it is cancelled', async () => {
    const controller = new AbortController()
    const running = attributeFile({ file: small(), models: 'markov', interval: 10_000, signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 30)
    await expect(running).rejects.toThrow('enough')
  })
})

describe('input that cannot be used', () => {
  const row = (fields: string) => file(`${JOURNEY_HEADER}\nj0,1,${T0},a,,\n${fields}\n`)

  it.each([
    ['a missing file', () => join(folder, 'no such file.csv'), 'file_unreadable'],
    ['a folder', () => folder, 'file_unreadable'],
    ['an empty file', () => file(''), 'file_empty'],
    ['a header alone', () => file(`${JOURNEY_HEADER}\n`), 'file_empty'],
    ['a header of paths alone', () => file(PATH_HEADER), 'file_empty'],
    ['other columns', () => file('journey_id,seq,ts,channel\n1,1,1,a\n'), 'columns_wrong'],
    ['a column given twice', () => file(`${JOURNEY_HEADER},ts\nj,1,1,a,,,2\n`), 'columns_wrong'],
    ['no header', () => file('j1,1,1767225600,a,,\n'), 'columns_wrong'],
  ])('refuses %s as a wrong command', async (_, path, code) => {
    const error = await refusal({ file: path() })
    expect([error.kind, error.code]).toEqual(['usage', code])
  })

  it.each([
    ['j1,1,yesterday,a,,', /"j1".*ts.*yesterday/],
    ['j1,1,2026-02-30,a,,', /2026-02-30/],
    ['j1,1,,a,,', /"j1".*ts/],
    [`j1,1,${T0}000,a,,`, /ts/],
    [`j1,1,${T0},a,soon,1`, /converted_at.*soon/],
    [`j1,1,${T0},a,${T0},"1,5"`, /value.*1,5/],
    [`j1,1,${T0},a,${T0},NaN`, /value.*NaN/],
    [`j1,1,${T0},a,${T0},9000000000000001`, /value.*9000000000000001/],
    [`j1,1.5,${T0},a,,`, /seq.*1\.5/],
    [`,1,${T0},a,,`, /journey_id/],
    [`j1,1,${T0},a,,\nj1,2,x,a,,\nj2,2,x,a,,`, /"j1".*\(x\); 1 more/],
  ])('names the row that is wrong: %s', async (fields, text) => {
    const error = await refusal({ file: row(fields) })
    expect([error.kind, error.code]).toEqual(['failure', 'row_invalid'])
    expect(error.text.en).toMatch(text)
  })

  it.each([
    ['two conversions', `j1,1,${T0},a,${T0},1\nj1,2,${T0},a,${T0 + 1},1`],
    ['two values', `j1,1,${T0},a,${T0},1\nj1,2,${T0},a,${T0},2`],
    ['converted and not', `j1,1,${T0},a,${T0},1\nj1,2,${T0},a,,`],
  ])('refuses a journey with %s, by name: any choice would change totals silently', async (_, rows) => {
    const error = await refusal({ file: row(rows) })
    expect([error.kind, error.code]).toEqual(['failure', 'journey_contradicts'])
    expect(error.text.en).toContain('"j1"')
  })

  it('refuses values that cannot be summed exactly', async () => {
    const touches = Array.from({ length: 40 }, (_, i) => journey(`j${i}`, '9000000000000000', ['a', 1]))
    expect((await refusal({ file: journeyFile(touches.flat()) })).code).toBe('sum_too_large')
  })

  it('takes one amount or instant written in two ways for what it is', async () => {
    const rows = `j1,1,${T0},a,${T0},1.50\nj1,2,${T0},b,2026-01-01T00:00:00Z,1.5`
    expect((await attributeFile({ file: row(rows), models: 'first' })).value).toBe(1.5)
  })

  it.each([
    ['a,-1,0,0', /"a".*total_conversions.*-1/],
    ['a,1.5,0,0', /total_conversions.*1\.5/],
    ['a,,0,0', /total_conversions/],
    ['a,1,0,-2', /total_null.*-2/],
    ['a,1,much,0', /total_conversion_value.*much/],
    ['a,0,5,1', /value but no conversion/],
  ])('names the path that is wrong: %s', async (line, text) => {
    const error = await refusal({ file: pathFile('b,1,1,1', line) })
    expect([error.kind, error.code]).toEqual(['failure', 'row_invalid'])
    expect(error.text.en).toMatch(text)
  })

  it.each([
    ['too few fields', 'a,1,1'],
    ['too many fields', 'a,1,1,1,1'],
    ['an open quote', '"a,1,1,1'],
  ])('names the line with %s', async (_, line) => {
    const error = await refusal({ file: pathFile('b,1,1,1', line) })
    expect([error.kind, error.code]).toEqual(['failure', 'csv_invalid'])
    expect(error.text.en).toContain('Line 3')
  })

  it('names the line that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${PATH_HEADER}\n`),
      Buffer.from([0xc7, 0xfe, 0xb5]),
      Buffer.from(',1,1,1\n'),
    ])
    expect((await refusal({ file: file(bytes) })).code).toBe('csv_invalid')
  })
})

const published = existsSync(PATH_DATA)
describe.skipIf(!published)('the 10,000 published paths (skipped where the shared fixtures are absent)', () => {
  const lines = published ? readFileSync(PATH_DATA, 'utf8').trim().split('\n').slice(1) : []
  const parsed = lines.map((line) => {
    const [path, conversions, value] = line.split(',') as [string, string, string, string]
    return { path: path.split(' > '), conversions: Number(conversions), value: Number(value) }
  })

  /** First, last and linear conversions and value per channel, in a plain loop. */
  function loop(rows: typeof parsed): Record<string, Record<string, [number, number]>> {
    const sums: Record<string, Record<string, [number, number]>> = { first: {}, last: {}, linear: {} }
    for (const { path, conversions, value } of rows) {
      const add = (model: string, channel: string, weight: number) => {
        const [counted, earned] = sums[model]![channel] ?? [0, 0]
        sums[model]![channel] = [counted + conversions * weight, earned + value * weight]
      }
      add('first', path[0]!, 1)
      add('last', path.at(-1)!, 1)
      for (const channel of path) add('linear', channel, 1 / path.length)
    }
    return sums
  }

  it('agrees with a plain loop over the whole file, and with 19,785 conversions', async () => {
    const result = await attributeFile({ file: PATH_DATA, models: 'first,last,linear' })
    expect([result.journeys, result.conversions]).toEqual([88_387, 19_785])
    for (const [model, sums] of Object.entries(loop(parsed))) {
      expect(total(result, model)).toBeCloseTo(19_785, 9)
      const actual = credit(result, model)
      for (const [channel, [conversions, value]] of Object.entries(sums)) {
        expect(actual[channel]![0]).toBeCloseTo(conversions, 7)
        expect(actual[channel]![1]).toBeCloseTo(value, 6)
      }
    }
  })

  it('agrees with ten paths computed by hand', async () => {
    const ten = [
      ['eta > iota > alpha > eta', '1,0.244,3'],
      ['iota > iota > iota > iota', '2,3.195,6'],
      ['beta > eta', '1,2.402,3'],
    ]
    for (const [path, counts] of ten) expect(lines).toContain(`${path},${counts}`)
    const result = await attributeFile({
      file: pathFile(
        ...ten.map((fields) => fields.join(',')),
        ...['alpha,4,8,1', 'alpha > beta,2,3,1', 'beta > beta > eta,3,6,2', 'iota > alpha,1,1,9'],
        ...['eta,0,0,7', 'alpha > alpha > beta > beta > iota,5,10,0', 'eta > beta > alpha,6,12.5,4'],
      ),
      models: 'first,last,linear',
    })
    expect([result.journeys, result.conversions]).toEqual([61, 25])
    // first: alpha 4 + 2 + 5; beta 1 + 3; eta 1 + 6; iota 2 + 1.
    expectCredit(result, 'first', { alpha: [11, 21], beta: [4, 8.402], eta: [7, 12.744], iota: [3, 4.195] })
    // last: alpha 4 + 1 + 6; beta 2; eta 1 + 1 + 3; iota 2 + 5.
    expectCredit(result, 'last', { alpha: [11, 21.5], beta: [2, 3], eta: [5, 8.646], iota: [7, 13.195] })
    expectCredit(result, 'linear', {
      // 1/4 + 4 + 2/2 + 1/2 + 5 · 2/5 + 6/3
      alpha: [9.75, 0.061 + 8 + 1.5 + 0.5 + 4 + 12.5 / 3],
      // 1/2 + 2/2 + 3 · 2/3 + 5 · 2/5 + 6/3
      beta: [7.5, 1.201 + 1.5 + 4 + 4 + 12.5 / 3],
      // 2/4 + 1/2 + 3/3 + 6/3
      eta: [4, 0.122 + 1.201 + 2 + 12.5 / 3],
      // 1/4 + 2 + 1/2 + 5/5
      iota: [3.75, 0.061 + 3.195 + 0.5 + 2],
    })
  })

  it('gives the same bytes on every run, all models and intervals included', async () => {
    const run = async () => JSON.stringify(await attributeFile({ file: PATH_DATA, models: 'all', interval: 5 }))
    const once = await run()
    expect(await run()).toBe(once)
    for (const model of new Set((JSON.parse(once) as AttributeResult).rows.map((row) => row.model))) {
      expect(total(JSON.parse(once), model)).toBeCloseTo(19_785, 8)
    }
  })
})
