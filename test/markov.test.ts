import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markov, removalEffects, total } from '../src/attribution/markov.ts'
import { type Chain, chainOf, type PathCount, type Paths } from '../src/attribution/paths.ts'

const PATH_DATA = resolve(import.meta.dirname, '../../shared/fixtures/attribution/PathData.csv')

/** Paths written as words: 'a b a' = three touches; channels are numbered by letter. */
function paths(channels: number, ...rows: [path: string, conversions: number, nulls: number, value?: number][]): Paths {
  const numbers = (path: string) => path.split(' ').map((letter) => letter.charCodeAt(0) - 97)
  return {
    channels,
    rows: rows.map(([path, conversions, nulls, value = 0]) => ({ path: numbers(path), conversions, nulls, value })),
  }
}

const ORDERS = [1, 2, 3]
const order = fc.constantFrom(...ORDERS)

/** Any data set of up to 5 channels with at least one conversion. */
const dataSet: fc.Arbitrary<Paths> = fc
  .array(
    fc.record({
      path: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 7 }),
      conversions: fc.integer({ min: 0, max: 9 }),
      nulls: fc.integer({ min: 0, max: 9 }),
      mean: fc.integer({ min: 1, max: 500 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) => rows.map(({ mean, ...row }) => ({ ...row, value: (row.conversions * mean) / 100 })))
  .filter((rows) => rows.some((row) => row.conversions > 0))
  .map((rows) => ({ channels: 5, rows }))

const sum = (rows: readonly PathCount[], key: 'conversions' | 'nulls' | 'value') =>
  rows.reduce((all, row) => all + row[key], 0)

function expectClose(actual: Iterable<number>, expected: Iterable<number>, tolerance = 1e-11): void {
  const [left, right] = [[...actual], [...expected]]
  expect(left.length).toBe(right.length)
  for (const [i, value] of left.entries()) {
    expect(Math.abs(value - right[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(right[i]!)))
  }
}

/** Journeys by transition, exits included, of an order-1 chain. */
function countsOf(chain: Chain): Map<string, number> {
  const counts = new Map<string, number>()
  const name = (state: number) => `${chain.holds[state]}`
  for (const [i, count] of chain.count.entries()) {
    counts.set(`${name(chain.from[i]!)} -> ${name(chain.to[i]!)}`, count)
  }
  for (let state = 0; state < chain.states; state++) {
    counts.set(`${name(state)} -> conversion`, chain.conversions[state]!)
    counts.set(`${name(state)} -> null`, chain.nulls[state]!)
  }
  return counts
}

/**
 * The definition once more, independent of the code under test: states are words, the system is dense, removal zeroes
 * columns, and it is solved by Gaussian elimination with pivoting.
 */
function bruteForce(data: Paths, k: number, channels: readonly number[]) {
  const states = new Map<string, number>([['start', 0]])
  const rows: Map<number | 'conversion' | 'null', number>[] = [new Map()]
  const rewards: number[] = [0]
  for (const { path, conversions, nulls, value } of data.rows) {
    const length = Math.min(k, path.length)
    const grams = path
      .map((_, end) => path.slice(end - length + 1, end + 1).join(','))
      .slice(length - 1)
      .filter((gram, i, all) => gram !== all[i - 1])
    let at = 0
    const add = (to: number | 'conversion' | 'null', weight: number) => {
      rows[at]!.set(to, (rows[at]!.get(to) ?? 0) + weight)
    }
    for (const gram of grams) {
      if (!states.has(gram)) {
        states.set(gram, rows.length)
        rows.push(new Map())
        rewards.push(0)
      }
      add(states.get(gram)!, conversions + nulls)
      at = states.get(gram)!
    }
    add('conversion', conversions)
    add('null', nulls)
    rewards[at]! += value
  }
  const names = [...states.keys()]
  const solve = (removed: number | null, reward: (state: number) => number) => {
    const matrix = rows.map((row, state) => {
      const leaving = total(row.values())
      const line = new Float64Array(rows.length + 1)
      line[state] = 1
      for (const [to, weight] of row) {
        if (typeof to !== 'number' || leaving === 0) continue
        if (removed === null || !names[to]!.split(',').includes(String(removed))) line[to]! -= weight / leaving
      }
      line[rows.length] = leaving === 0 ? 0 : reward(state) / leaving
      return line
    })
    return gauss(matrix)[0]!
  }
  const converting = (state: number) => rows[state]!.get('conversion') ?? 0
  const earning = (state: number) => rewards[state]!
  const [probability, reward] = [solve(null, converting), solve(null, earning)]
  return {
    probability,
    effects: channels.map((c) => 1 - solve(c, converting) / probability),
    valueEffects: channels.map((c) => (reward === 0 ? 0 : 1 - solve(c, earning) / reward)),
  }
}

function gauss(matrix: Float64Array[]): number[] {
  const n = matrix.length
  for (let column = 0; column < n; column++) {
    let best = column
    for (let row = column; row < n; row++) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[best]![column]!)) best = row
    }
    ;[matrix[column], matrix[best]] = [matrix[best]!, matrix[column]!]
    const pivot = matrix[column]!
    for (let row = column + 1; row < n; row++) {
      const line = matrix[row]!
      const factor = line[column]! / pivot[column]!
      if (factor !== 0) for (let i = column; i <= n; i++) line[i]! -= factor * pivot[i]!
    }
  }
  const x: number[] = Array(n).fill(0)
  for (let row = n - 1; row >= 0; row--) {
    let rest = matrix[row]![n]!
    for (let i = row + 1; i < n; i++) rest -= matrix[row]![i]! * x[i]!
    x[row] = rest / matrix[row]![row]!
  }
  return x
}

describe('removal effect by hand', () => {
  // start -> a 2/3, start -> b 1/3, a -> b 1/2, a -> null 1/2, b -> conversion 1.
  const data = paths(2, ['a b', 1, 0, 30], ['a', 0, 1], ['b', 1, 0, 10])

  it('loses what runs through a channel', () => {
    const effects = removalEffects(chainOf(data, 1))
    expect(effects.probability).toBe(2 / 3)
    // Without a: 1/3 of 2/3 is left. Without b: nothing.
    expectClose(effects.conversions, [1 / 2, 1])
  })

  it('credits in proportion to the effects', () => {
    // ΣRE = 3/2, 2 conversions: a 2 · (1/2) / (3/2), b 2 · 1 / (3/2). Mean value leaving b is 20, so value splits alike.
    const credit = markov(chainOf(data, 1))
    expectClose(credit.conversions, [2 / 3, 4 / 3])
    expectClose(credit.value, [40 / 3, 80 / 3])
  })

  it('gives value its own chain', () => {
    // a converts for 10 half of the time, b for 40 always: E = 1/2 · 1/2 · 10 + 1/2 · 40 = 22.5.
    const credit = markov(chainOf(paths(2, ['a', 1, 1, 10], ['b', 2, 0, 80]), 1))
    // Without a 20 of 22.5 is left, without b 2.5: RE 1/9 and 8/9, of 90 in all.
    expectClose(credit.value, [10, 80])
    // P = 3/4; without a 1/2, without b 1/4: RE 1/3 and 2/3, of 3 conversions.
    expectClose(credit.conversions, [1, 2])
  })

  it('keeps journeys that did not convert: they change the effects', () => {
    const converted: Parameters<typeof paths>[1][] = [
      ['a b', 2, 0],
      ['c', 2, 0],
    ]
    expectClose(removalEffects(chainOf(paths(3, ...converted), 1)).conversions, [1 / 2, 1 / 2, 1 / 2])
    // start -> a 1/3, -> c 2/3; a -> b 1; c -> b 1/2, -> conversion 1/2; b -> conversion 1/2.
    // P = 1/3 · 1/2 + 2/3 · (1/2 + 1/4) = 2/3. Left without a 1/2, without b 1/3, without c 1/6.
    const all = removalEffects(chainOf(paths(3, ...converted, ['c b', 0, 2]), 1))
    expectClose(all.conversions, [1 / 4, 1 / 2, 3 / 4])
  })

  it('forms k-grams on the raw path, then merges equal neighbours', () => {
    // Order 2 of a a a b: aa, aa, ab -> aa, ab. Of c, shorter than 2: the state c.
    const chain = chainOf(paths(3, ['a a a b', 1, 0], ['c', 1, 1]), 2)
    expect(chain.holds).toEqual([[], [2], [0], [0, 1]])
    expect([...chain.from].map((from, i) => [from, chain.to[i]])).toEqual([
      [0, 1],
      [0, 2],
      [2, 3],
    ])
    // P = 1/3 · 1 + 2/3 · 1/2 = 2/3. Without a or b half is left (b is in ab), without c half.
    expectClose(removalEffects(chain).conversions, [1 / 2, 1 / 2, 1 / 2])
  })

  it('tells orders apart: after a b conversion depends on where b came from', () => {
    const data3 = paths(3, ['a b', 4, 0], ['c b', 0, 4])
    // Order 1: b converts half of the time whatever came before: a and c look alike.
    expectClose(removalEffects(chainOf(data3, 1)).conversions, [1 / 2, 1, 1 / 2])
    // Order 2: all conversions pass ab, none passes cb.
    expectClose(removalEffects(chainOf(data3, 2)).conversions, [1, 1, 0])
  })

  it('splits refunds apart from revenue', () => {
    const credit = markov(chainOf(paths(2, ['a', 1, 0, 100], ['b', 1, 0, -30]), 1))
    expectClose(credit.value, [100, -30])
  })
})

describe('invariants', () => {
  it('solves the same system as a dense Gaussian elimination, by elimination and by enclosure', () => {
    fc.assert(
      fc.property(dataSet, order, (data, k) => {
        const chain = chainOf(data, k)
        const expected = bruteForce(data, k, [0, 1, 2, 3, 4])
        for (const limit of [0, Number.POSITIVE_INFINITY]) {
          const effects = removalEffects(chain, limit)
          expectClose(effects.conversions, expected.effects)
          expectClose(effects.gain, expected.valueEffects)
        }
      }),
    )
  })

  it('reaches conversion exactly as often as the data did, at every order', () => {
    fc.assert(
      fc.property(dataSet, order, (data, k) => {
        const rate = sum(data.rows, 'conversions') / (sum(data.rows, 'conversions') + sum(data.rows, 'nulls'))
        for (const limit of [0, Number.POSITIVE_INFINITY]) {
          expectClose([removalEffects(chainOf(data, k), limit).probability], [rate], 1e-13)
        }
      }),
    )
  })

  it('keeps every effect within 0 and 1 and credits every conversion and all value', () => {
    fc.assert(
      fc.property(dataSet, order, (data, k) => {
        const credit = markov(chainOf(data, k))
        for (const effect of credit.removalEffect!) expect(effect).toSatisfy((e: number) => e >= 0 && e <= 1)
        for (const part of [...credit.conversions, ...credit.value]) expect(part).toBeGreaterThanOrEqual(0)
        expectClose([total(credit.conversions)], [sum(data.rows, 'conversions')])
        expectClose([total(credit.value)], [sum(data.rows, 'value')])
      }),
    )
  })

  it('gives everything to a channel that stands alone', () => {
    fc.assert(
      fc.property(dataSet, order, (data, k) => {
        const alone = { channels: 1, rows: data.rows.map((row) => ({ ...row, path: row.path.map(() => 0) })) }
        const credit = markov(chainOf(alone, k))
        expect(credit.removalEffect![0]).toBe(1)
        expectClose(credit.conversions, [sum(data.rows, 'conversions')])
      }),
    )
  })

  it('gives exactly nothing to a channel that no conversion passes', () => {
    fc.assert(
      fc.property(dataSet, order, (data, k) => {
        const idle = { path: [5, 6, 5], conversions: 0, nulls: 3, value: 0 }
        for (const limit of [0, Number.POSITIVE_INFINITY]) {
          expect(removalEffects(chainOf({ channels: 7, rows: [...data.rows, idle] }, k), limit).conversions[5]).toBe(0)
        }
      }),
    )
  })

  it('does not see repeats at order 1', () => {
    fc.assert(
      fc.property(dataSet, fc.integer({ min: 2, max: 4 }), (data, times) => {
        const repeated = data.rows.map((row) => ({ ...row, path: row.path.flatMap((c) => Array(times).fill(c)) }))
        expect(chainOf({ ...data, rows: repeated }, 1)).toEqual(chainOf(data, 1))
      }),
    )
  })

  it('does not change a share when all counts are multiplied', () => {
    fc.assert(
      fc.property(dataSet, order, fc.integer({ min: 2, max: 50 }), (data, k, times) => {
        const rows = data.rows.map((row) => ({
          ...row,
          ...{ conversions: row.conversions * times, nulls: row.nulls * times, value: row.value * times },
        }))
        const once = markov(chainOf(data, k)).conversions
        expectClose(
          markov(chainOf({ ...data, rows }, k)).conversions,
          once.map((part) => part * times),
        )
      }),
    )
  })

  it('takes one row of weight m for m rows of weight 1, in any order', () => {
    fc.assert(
      fc.property(dataSet, order, (data, k) => {
        const single = data.rows.flatMap(({ path, conversions, nulls }) => [
          ...Array.from({ length: conversions }, () => ({ path, conversions: 1, nulls: 0, value: 0 })),
          ...Array.from({ length: nulls }, () => ({ path, conversions: 0, nulls: 1, value: 0 })),
        ])
        const used = data.rows.filter((row) => row.conversions + row.nulls > 0).map((row) => ({ ...row, value: 0 }))
        const whole = chainOf({ ...data, rows: used }, k)
        expect(chainOf({ ...data, rows: single.toReversed() }, k)).toEqual(whole)
      }),
    )
  })

  it('adds up: the chain of two data sets together is the sum of their chains', () => {
    fc.assert(
      fc.property(dataSet, dataSet, (one, two) => {
        const [left, right] = [countsOf(chainOf(one, 1)), countsOf(chainOf(two, 1))]
        for (const [move, count] of countsOf(chainOf({ channels: 5, rows: [...one.rows, ...two.rows] }, 1))) {
          expect(count).toBe((left.get(move) ?? 0) + (right.get(move) ?? 0))
        }
      }),
    )
  })

  it('has nothing to share where nothing converted', () => {
    const credit = markov(chainOf(paths(2, ['a b', 0, 3]), 1))
    expect([...credit.conversions, ...credit.value, ...credit.removalEffect!]).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe.skipIf(!existsSync(PATH_DATA))(
  'the 10,000 published paths (skipped where the shared fixtures are absent)',
  () => {
    const data = existsSync(PATH_DATA) ? readPathData() : { channels: 0, rows: [] }

    it.each(ORDERS)(
      'order %i is the exact solution, and the same bits every time',
      (k) => {
        const effects = removalEffects(chainOf(data, k))
        // The dense check of order 3 is large; two channels are enough there.
        const channels = Array.from({ length: k === 3 ? 2 : data.channels }, (_, c) => c)
        const expected = bruteForce(data, k, channels)
        expectClose([effects.probability], [expected.probability], 1e-12)
        expectClose([effects.probability], [19_785 / 88_387], 1e-12)
        expectClose(effects.conversions.slice(0, channels.length), expected.effects)
        expectClose(effects.gain.slice(0, channels.length), expected.valueEffects)
        expect(removalEffects(chainOf(data, k))).toEqual(effects)
        expect(total(markov(chainOf(data, k)).conversions)).toBeCloseTo(19_785, 8)
      },
      60_000,
    )

    it.each(ORDERS)('order %i: elimination and enclosure meet', (k) => {
      const chain = chainOf(data, k)
      expectClose(
        removalEffects(chain, 0).conversions,
        removalEffects(chain, Number.POSITIVE_INFINITY).conversions,
        1e-13,
      )
    })
  },
)

function readPathData(): Paths {
  const names: string[] = []
  const numberOf = (name: string) => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1)
  const lines = readFileSync(PATH_DATA, 'utf8').trim().split('\n').slice(1)
  const rows = lines.map((line) => {
    const [path, conversions, value, nulls] = line.split(',') as [string, string, string, string]
    const counts = { conversions: Number(conversions), nulls: Number(nulls), value: Number(value) }
    return { path: path.split(' > ').map(numberOf), ...counts }
  })
  return { channels: names.length, rows }
}
