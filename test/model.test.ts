import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeByKey } from '../src/journey/stitch.ts'
import { surrogate } from '../src/model/ids.ts'
import { digitsOf, divideRounded, formatMinor, MAX_MINOR, toMinor } from '../src/model/money.ts'
import { addDays, daysBetween, fromWallClock, isZone, localDay, previousPeriod } from '../src/model/period.ts'

describe('money', () => {
  test.each([
    ['1234.56', 'CNY', undefined, 123_456n],
    ['-0.01', 'CNY', undefined, -1n],
    ['.5', 'USD', undefined, 50n],
    ['7', 'JPY', undefined, 7n],
    ['1.2345', 'KWD', undefined, 1235n],
    ['0.005', 'CNY', undefined, 1n],
    ['-0.005', 'CNY', undefined, -1n],
    ['0.004999', 'CNY', undefined, 0n],
    ['1500000', 'CNY', 'micro', 150n],
    ['500', 'CNY', 'minor', 500n],
    ['500', 'JPY', 'minor', 500n],
  ] as const)('%s %s %s', (amount, currency, unit, minor) => {
    expect(toMinor({ amount, currency, ...(unit ? { unit } : {}) })).toBe(minor)
  })

  test.each(['', '-', '.', '1e5', '1,5', 'NaN', ' 1', '0x10', '１'])('%s is no amount', (amount) => {
    expect(() => toMinor({ amount, currency: 'CNY' })).toThrow(RangeError)
  })

  test('amounts above the limit are refused, not rounded', () => {
    expect(toMinor({ amount: String(MAX_MINOR), currency: 'JPY' })).toBe(MAX_MINOR)
    expect(() => toMinor({ amount: String(MAX_MINOR + 1n), currency: 'JPY' })).toThrow(RangeError)
  })

  test('text and minor units are the same amount in every currency', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -MAX_MINOR, max: MAX_MINOR }),
        fc.constantFrom('CNY', 'JPY', 'KWD'),
        (minor, currency) => {
          expect(toMinor({ amount: formatMinor(minor, currency), currency })).toBe(minor)
        },
      ),
    )
    expect([digitsOf('CNY'), digitsOf('JPY'), digitsOf('KWD')]).toEqual([2, 0, 3])
  })

  test('division rounds half away from zero', () => {
    expect([divideRounded(5n, 2n), divideRounded(-5n, 2n), divideRounded(4n, 3n), divideRounded(0n, 3n)]).toEqual([
      3n,
      -3n,
      1n,
      0n,
    ])
  })
})

describe('days and zones', () => {
  test('a wall clock and its instant agree in both directions, in any zone and year', () => {
    const zones = [
      'UTC',
      'Asia/Shanghai',
      'Asia/Kolkata',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2099, 0, 1) }),
        (zone, wall) => {
          const day = new Date(wall).toISOString().slice(0, 10)
          const start = fromWallClock(zone, Date.parse(day))
          // Where a clock change skips midnight the day starts later, never on the day before.
          expect(localDay(zone, start)).toBe(day)
        },
      ),
    )
  })

  test('a skipped hour is read with the offset before, a repeated one as the first', () => {
    const newYork = (text: string) => new Date(fromWallClock('America/New_York', Date.parse(`${text}Z`))).toISOString()
    expect(newYork('2026-03-08T02:30:00')).toBe('2026-03-08T07:30:00.000Z')
    expect(newYork('2026-11-01T01:30:00')).toBe('2026-11-01T05:30:00.000Z')
    expect(newYork('2026-07-01T12:00:00')).toBe('2026-07-01T16:00:00.000Z')
  })

  test('the period before has the same length', () => {
    expect(previousPeriod({ from: '2026-03-01', to: '2026-04-01' })).toEqual({ from: '2026-01-29', to: '2026-03-01' })
    expect(previousPeriod({ from: null, to: '2026-04-01' })).toBeNull()
    expect([addDays('2028-02-28', 1), daysBetween('2028-02-28', '2028-03-01')]).toEqual(['2028-02-29', 2])
  })

  test('unknown zones are told apart', () => {
    expect([isZone('Asia/Shanghai'), isZone('Mars/Olympus')]).toEqual([true, false])
  })
})

test('surrogates depend on every part, and the parts cannot run into each other', () => {
  const ids = [
    surrogate('deal', 'a', 'bc'),
    surrogate('deal', 'ab', 'c'),
    surrogate('contact', 'a', 'bc'),
    surrogate('deal', 'a', 'b'),
  ]
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id >= 0n && id < 2n ** 63n).toBe(true)
})

test('contacts merge through chains of shared keys, into the oldest', () => {
  const merged = mergeByKey([
    { key: 1n, id: 10n },
    { key: 2n, id: 20n },
    { key: 1n, id: 30n },
    { key: 2n, id: 30n },
    { key: 3n, id: 40n },
  ])
  expect([...merged].sort()).toEqual([
    [20n, 10n],
    [30n, 10n],
  ])
})
