import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { total } from '../src/attribution/markov.ts'
import { chainOf, type Paths, weightsOf } from '../src/attribution/paths.ts'
import { coalitionValues, EXACT_CHANNELS, shapleyChain, shapleyOf, shapleyUnique } from '../src/attribution/shapley.ts'

/** Any data set over some channels with at least one conversion. */
const dataSet = (channels: number): fc.Arbitrary<Paths> =>
  fc
    .array(
      fc.record({
        path: fc.array(fc.integer({ min: 0, max: channels - 1 }), { minLength: 1, maxLength: 6 }),
        conversions: fc.integer({ min: 0, max: 9 }),
        nulls: fc.integer({ min: 0, max: 9 }),
        mean: fc.integer({ min: 1, max: 500 }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((rows) => rows.map(({ mean, ...row }) => ({ ...row, value: (row.conversions * mean) / 100 })))
    .filter((rows) => rows.some((row) => row.conversions > 0))
    .map((rows) => ({ channels, rows }))

const s1 = (paths: Paths) => shapleyUnique(paths, weightsOf(paths))
const s6 = (paths: Paths, exactChannels?: number) => shapleyChain(chainOf(paths, 1), 1, exactChannels)
const sum = (paths: Paths, key: 'conversions' | 'value') => paths.rows.reduce((all, row) => all + row[key], 0)

function expectClose(actual: Iterable<number>, expected: Iterable<number>, tolerance = 1e-10): void {
  const [left, right] = [[...actual], [...expected]]
  expect(left.length).toBe(right.length)
  for (const [i, value] of left.entries()) {
    expect(Math.abs(value - right[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(right[i]!)))
  }
}

/** The definition over orders: mean of what each player adds when joining, over all n! orders. */
function overOrders(v: (set: number) => number, players: number): number[] {
  const phi: number[] = Array(players).fill(0)
  let orders = 0
  const join = (set: number, joined: number[]) => {
    if (joined.length === players) {
      orders++
      let before = 0
      for (const player of joined) {
        phi[player]! += v(before | (1 << player)) - v(before)
        before |= 1 << player
      }
      return
    }
    for (let player = 0; player < players; player++) {
      if (!(set & (1 << player))) join(set | (1 << player), [...joined, player])
    }
  }
  join(0, [])
  return phi.map((part) => part / orders)
}

/** v of game s6 by simply pushing journeys through the chain of the channels in `set` until none is under way. */
function pushedThrough(paths: Paths, set: number): number {
  const moves = new Map<string, number>()
  const add = (from: number, to: number | string, weight: number) =>
    moves.set(`${from}>${to}`, (moves.get(`${from}>${to}`) ?? 0) + weight)
  for (const { path, conversions, nulls } of paths.rows) {
    let at = -1
    for (const channel of path) {
      add(at, channel, conversions + nulls)
      at = channel
    }
    add(at, 'conversion', conversions)
    add(at, 'null', nulls)
  }
  const leaving = (from: number) =>
    [...moves].filter(([move]) => move.startsWith(`${from}>`)).reduce((all, [, weight]) => all + weight, 0)
  let converted = 0
  let under = new Map([[-1, 1]])
  for (let step = 0; step < 5000 && total(under.values()) > 1e-16; step++) {
    const next = new Map<number, number>()
    for (const [from, weight] of under) {
      if (weight === 0) continue
      converted += (weight * (moves.get(`${from}>conversion`) ?? 0)) / leaving(from)
      for (let to = 0; to < paths.channels; to++) {
        const passes = moves.get(`${from}>${to}`) ?? 0
        if (passes > 0 && set & (1 << to)) next.set(to, (next.get(to) ?? 0) + (weight * passes) / leaving(from))
      }
    }
    under = next
  }
  return converted
}

describe('s1, conversions in equal parts to their unique channels', () => {
  it('by hand', () => {
    // 3 of a b a: 1.5 each; 2 of b; 1 of a c b: 1/3 each. Values alike: 30, 8, 9.
    const credit = s1({
      channels: 3,
      rows: [
        { path: [0, 1, 0], conversions: 3, nulls: 4, value: 30 },
        { path: [1], conversions: 2, nulls: 0, value: 8 },
        { path: [0, 2, 1], conversions: 1, nulls: 0, value: 9 },
        { path: [2], conversions: 0, nulls: 7, value: 0 },
      ],
    })
    expectClose(credit.conversions, [1.5 + 1 / 3, 1.5 + 2 + 1 / 3, 1 / 3])
    expectClose(credit.value, [15 + 3, 15 + 8 + 3, 3])
  })

  it('is the Shapley value of: conversions of journeys whose channels all lie in the set', () => {
    fc.assert(
      fc.property(dataSet(4), (paths) => {
        const v = (set: number) =>
          paths.rows.reduce((all, row) => all + (row.path.every((c) => set & (1 << c)) ? row.conversions : 0), 0)
        expectClose(s1(paths).conversions, overOrders(v, 4))
      }),
    )
  })

  it('adds up over data sets', () => {
    fc.assert(
      fc.property(dataSet(5), dataSet(5), (one, two) => {
        const both = s1({ channels: 5, rows: [...one.rows, ...two.rows] }).conversions
        const right = s1(two).conversions
        expectClose(
          both,
          s1(one).conversions.map((part, c) => part + right[c]!),
        )
      }),
    )
  })
})

describe('s6, the order-1 chain without the other channels', () => {
  it('by hand', () => {
    // start -> a 2/3, -> b 1/3; a -> b 1/2, -> null 1/2; b -> conversion. v(a) = 0, v(b) = 1/3, v(ab) = 2/3.
    // φ(a) = (0 + 1/3) / 2 = 1/6, φ(b) = (1/3 + 2/3) / 2 = 1/2: 1/4 and 3/4 of 2 conversions worth 40.
    const credit = s6({
      channels: 2,
      rows: [
        { path: [0, 1], conversions: 1, nulls: 0, value: 30 },
        { path: [0], conversions: 0, nulls: 1, value: 0 },
        { path: [1], conversions: 1, nulls: 0, value: 10 },
      ],
    })
    expectClose(credit.conversions, [1 / 2, 3 / 2])
    expectClose(credit.value, [10, 30])
    expect(credit.orders).toBeUndefined()
  })

  it('gives every coalition the probability that pushing journeys through its chain gives', () => {
    fc.assert(
      fc.property(dataSet(4), (paths) => {
        const present = [...new Set(paths.rows.flatMap((row) => row.path))].sort()
        const journeys = paths.rows.reduce((all, row) => all + row.conversions + row.nulls, 0)
        const values = coalitionValues(chainOf(paths, 1)).conversions
        for (const [set, value] of values.entries()) {
          const channels = present.reduce((all, c, bit) => all | (set & (1 << bit) ? 1 << c : 0), 0)
          expectClose([value / journeys], [pushedThrough(paths, channels)], 1e-9)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('credits by the Shapley value of that game', () => {
    fc.assert(
      fc.property(dataSet(4), (paths) => {
        const phi = overOrders((set) => pushedThrough(paths, set), 4)
        const scale = sum(paths, 'conversions') / total(phi)
        expectClose(
          s6(paths).conversions,
          phi.map((part) => part * scale),
          1e-8,
        )
      }),
      { numRuns: 40 },
    )
  })

  it('draws orders above the limit, from a seed, and comes close to all coalitions', () => {
    fc.assert(
      fc.property(dataSet(6), (paths) => {
        const exact = s6(paths)
        const drawn = s6(paths, 0)
        expect(drawn.orders).toBeGreaterThan(0)
        expect(s6(paths, 0)).toEqual(drawn)
        expectClose([total(drawn.conversions)], [sum(paths, 'conversions')])
        for (const [c, part] of drawn.conversions.entries()) {
          expect(Math.abs(part - exact.conversions[c]!)).toBeLessThan(0.05 * sum(paths, 'conversions'))
        }
      }),
      { numRuns: 8 },
    )
  })

  it(`counts all coalitions up to ${EXACT_CHANNELS} channels and says when it does not`, () => {
    const wide = (channels: number): Paths => ({
      channels,
      rows: Array.from({ length: channels }, (_, c) => ({
        ...{ path: [c, (c + 1) % channels], conversions: 1 + c, nulls: 3, value: 10 },
      })),
    })
    expect(s6(wide(EXACT_CHANNELS)).orders).toBeUndefined()
    expect(s6(wide(EXACT_CHANNELS + 1)).orders).toBe(4000)
  })
})

describe('both games', () => {
  const games = [
    ['s1', s1],
    ['s6', s6],
    ['s6 from drawn orders', (paths: Paths) => s6(paths, 0)],
  ] as const

  it.each(games)('%s: credits every conversion and all value, nobody below 0', (_, credit) => {
    fc.assert(
      fc.property(dataSet(5), (paths) => {
        const { conversions, value } = credit(paths)
        for (const part of [...conversions, ...value]) expect(part).toBeGreaterThanOrEqual(0)
        expectClose([total(conversions)], [sum(paths, 'conversions')])
        expectClose([total(value)], [sum(paths, 'value')])
      }),
      { numRuns: 8 },
    )
  })

  it.each(games)('%s: gives exactly nothing to a channel that adds nothing', (_, credit) => {
    fc.assert(
      fc.property(dataSet(4), (paths) => {
        const idle = { path: [4, 5, 4], conversions: 0, nulls: 3, value: 0 }
        expect(credit({ channels: 6, rows: [...paths.rows, idle] }).conversions[4]).toBe(0)
      }),
      { numRuns: 8 },
    )
  })

  it.each(games.slice(0, 2))('%s: treats channels alike that play the same part', (_, credit) => {
    fc.assert(
      fc.property(dataSet(4), (paths) => {
        const swap = (c: number) => (c === 0 ? 1 : c === 1 ? 0 : c)
        const mirrored = paths.rows.map((row) => ({ ...row, path: row.path.map(swap) }))
        const { conversions } = credit({ channels: 4, rows: [...paths.rows, ...mirrored] })
        expectClose([conversions[0]!], [conversions[1]!])
      }),
    )
  })

  it.each(games)('%s: gives everything to a channel that stands alone', (_, credit) => {
    const { conversions } = credit({ channels: 1, rows: [{ path: [0, 0], conversions: 7, nulls: 2, value: 0 }] })
    expectClose(conversions, [7])
  })

  it('the value of any rising game is the mean over all orders', () => {
    const gains = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(gains, (worth) => {
        // v(S) = what all subsets of S are worth together: never falls when a player joins.
        const v = (set: number) =>
          worth.reduce((all, gain, sub) => all + ((sub & set) === sub && sub > 0 ? gain : 0), 0)
        expectClose(
          shapleyOf(
            Float64Array.from(worth, (_, set) => v(set)),
            4,
          ),
          overOrders(v, 4),
        )
      }),
    )
  })
})
