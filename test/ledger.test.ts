import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttributionSettings, recompute } from '../src/attribution/recompute.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { RULE_MODELS, WHOLE } from '../src/model/rule-models.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { ledgerOf, referenceLedger, rollupDifference } from './support/ledger.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load, SETTINGS } from './support/store.ts'
import { times } from './support/thorough.ts'

describe.each(ENGINES)('credit ledger on %s', (engine) => {
  test('every rule model equals an independent reference, weight for weight and cent for cent', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(randomWorkspace, async (workspace) => {
        tenant += 1
        await load(database, tenant, toRecords(workspace))
        await recompute(database, tenant, SETTINGS, true)
        expect(await ledgerOf(database, tenant)).toEqual(referenceLedger(workspace))
        expect(await rollupDifference(database, tenant)).toEqual([])
      }),
      { numRuns: times(20, 40) },
    )
  }, 120_000)

  test('recomputing only what changed ends in the same ledger as recomputing everything', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    const chunks = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(randomWorkspace, randomWorkspace, chunks, fc.nat(), async (before, after, sizes, seed) => {
        tenant += 1
        // The first workspace arrives piecemeal and shuffled, then every record it shares with the second changes.
        const arriving = [...shuffle(toRecords(before), seed), ...shuffle(toRecords(after), seed + 1)]
        for (let i = 0, k = 0; i < arriving.length; k += 1) {
          const size = sizes[k % sizes.length]! * 4
          await load(database, tenant, arriving.slice(i, i + size))
          await recompute(database, tenant, SETTINGS)
          i += size
        }
        const changed = await ledgerOf(database, tenant)
        expect(await rollupDifference(database, tenant)).toEqual([])
        await recompute(database, tenant, SETTINGS, true)
        expect(changed).toEqual(await ledgerOf(database, tenant))
      }),
      { numRuns: times(12, 25) },
    )
  }, 180_000)

  test('weights of an outcome add up to one whole and its money to the amount, and nothing is lost on the way', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(randomWorkspace, async (workspace) => {
        tenant += 1
        await load(database, tenant, toRecords(workspace))
        await recompute(database, tenant, SETTINGS)
        for (const model of RULE_MODELS) {
          const wrong = await database.query(
            `SELECT o.id FROM outcome AS o
             LEFT JOIN (SELECT kind, outcome_id, sum(w_${model}) AS w, sum(m_${model}) AS m, min(w_${model}) AS least
                        FROM credit WHERE tenant_id = $1 GROUP BY kind, outcome_id) AS c
               ON c.kind = o.kind AND c.outcome_id = o.id
             WHERE o.tenant_id = $1 AND (c.w IS NULL OR c.w <> $2 OR c.m <> o.amount_minor OR c.least < 0)`,
            [tenant, WHOLE],
          )
          expect(wrong).toEqual([])
        }
        const [sums] = await database.query(
          `SELECT (SELECT CAST(coalesce(sum(m_linear), 0) AS BIGINT) FROM credit WHERE tenant_id = $1 AND kind = 5) AS credited,
                  (SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) FROM deal WHERE tenant_id = $1 AND won) AS won`,
          [tenant],
        )
        expect(sums!.credited).toBe(sums!.won)
      }),
      { numRuns: 10 },
    )
  }, 120_000)
})

/** One deal with one contact and the given touches; the ledger's weights of a model, in journey order. */
async function weightsOf(
  touches: readonly { at: number; channel?: string; id?: string }[],
  options: { amount?: string; closed?: number; settings?: Partial<AttributionSettings> } = {},
) {
  const database = await openTestDatabase('duckdb')
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000)
  const records: AnyRecord[] = [
    { type: 'contact', id: 'c', createdAt: day(3) },
    ...touches.map(
      (touch, i): AnyRecord => ({
        type: 'touch',
        id: touch.id ?? `t${i}`,
        person: { contactId: 'c' },
        occurredAt: day(touch.at),
        channel: touch.channel ?? `ch${i}`,
      }),
    ),
    {
      type: 'deal',
      id: 'd',
      contactIds: ['c'],
      amount: { amount: options.amount ?? '100.00', currency: 'CNY' },
      createdAt: day(6),
      closedAt: day(options.closed ?? 10),
      won: true,
    },
  ]
  await load(database, 1, records)
  await recompute(database, 1, { ...SETTINGS, ...options.settings })
  const rows = await database.query('SELECT * FROM credit WHERE tenant_id = 1 AND kind = 5 ORDER BY position')
  return Object.fromEntries(
    RULE_MODELS.map((model) => [model, rows.map((row) => Number(row[`w_${model}`]) / Number(WHOLE))]),
  ) as Record<(typeof RULE_MODELS)[number], number[]>
}

describe('rule models, by the book', () => {
  test('the table of attribution.md for one, two and three touches', async () => {
    const one = await weightsOf([{ at: 1 }])
    for (const model of RULE_MODELS) expect(one[model]).toEqual([1])
    const two = await weightsOf([{ at: 1 }, { at: 2 }])
    expect(two.first).toEqual([1, 0])
    expect(two.last).toEqual([0, 1])
    expect(two.linear).toEqual([0.5, 0.5])
    expect(two.u_position).toEqual([0.5, 0.5])
    expect(two.j_position).toEqual([0.25, 0.75])
    expect(two.inverse_j_position).toEqual([0.75, 0.25])
    const three = await weightsOf([{ at: 1 }, { at: 2 }, { at: 3 }])
    expect(three.u_position).toEqual([0.4, 0.2, 0.4])
    expect(three.j_position).toEqual([0.2, 0.2, 0.6])
    expect(three.inverse_j_position).toEqual([0.6, 0.2, 0.2])
    for (const weight of three.linear) expect(weight).toBeCloseTo(1 / 3, 11)
  })

  test('milestones: first 1, lead 3, opportunity 6, close; the middle is shared up to the last milestone', async () => {
    // Days 1 (first), 2, 3 (lead), 5, 6 (opportunity), 8, 9 (close).
    const w = await weightsOf([1, 2, 3, 5, 6, 8, 9].map((at) => ({ at })))
    expect(w.u_milestone).toEqual([0.4, 0.2, 0.4, 0, 0, 0, 0])
    expect(w.u_milestone_50).toEqual([0.5, 0, 0.5, 0, 0, 0, 0])
    expect(w.w_milestone).toEqual([0.3, 0.05, 0.3, 0.05, 0.3, 0, 0])
    expect(w.full_path.map((x) => Number(x.toFixed(9)))).toEqual(
      [0.225, 0.1 / 3, 0.225, 0.1 / 3, 0.225, 0.1 / 3, 0.225].map((x) => Number(x.toFixed(9))),
    )
  })

  test('milestones on one touch add up, and without a middle the present ones make the whole', async () => {
    // Both touches come before the lead was created: the second holds lead, opportunity and close.
    const w = await weightsOf([{ at: 1 }, { at: 2 }])
    expect(w.u_milestone).toEqual([0.5, 0.5])
    expect(w.w_milestone.map((x) => Number(x.toFixed(9)))).toEqual([0.333333333, 0.666666667])
    expect(w.full_path).toEqual([0.25, 0.75])
    // No touch before the lead was created: that milestone is missing.
    const late = await weightsOf([{ at: 4 }, { at: 7 }])
    expect(late.u_milestone).toEqual([1, 0])
    expect(late.w_milestone).toEqual([1, 0])
  })

  test('last non-direct skips direct touches and falls back to the last one', async () => {
    const w = await weightsOf([
      { at: 1, channel: 'expo' },
      { at: 2, channel: 'direct' },
      { at: 3, channel: 'Direct' },
    ])
    expect(w.last_non_direct).toEqual([1, 0, 0])
    const all = await weightsOf([
      { at: 1, channel: 'direct' },
      { at: 2, channel: '直接访问' },
    ])
    expect(all.last_non_direct).toEqual([0, 1])
  })

  test('time decay halves with the half-life, tends to linear and to last, and ignores a later close', async () => {
    const touches = [{ at: 0 }, { at: 7 }, { at: 8 }]
    const w = await weightsOf([{ at: 1 }, { at: 8 }])
    expect(w.time_decay[1]! / w.time_decay[0]!).toBeCloseTo(2, 9)
    const long = await weightsOf(touches, { settings: { halfLifeDays: 36_500 * 1000 } })
    for (const weight of long.time_decay) expect(weight).toBeCloseTo(1 / 3, 6)
    const short = await weightsOf(touches, { settings: { halfLifeDays: 0.02 } })
    expect(short.time_decay[2]).toBeCloseTo(1, 9)
    expect((await weightsOf(touches, { closed: 60 })).time_decay).toEqual((await weightsOf(touches)).time_decay)
  })

  test('reversing the journey mirrors first and last, J and inverse J, and leaves linear and U as they are', async () => {
    const there = await weightsOf([1, 2, 4, 7].map((at) => ({ at, channel: `day${at}` })))
    expect([...there.first].reverse()).toEqual(there.last)
    expect(rounded([...there.j_position].reverse())).toEqual(rounded(there.inverse_j_position))
    expect(rounded([...there.u_position].reverse())).toEqual(rounded(there.u_position))
    expect(rounded([...there.linear].reverse())).toEqual(rounded(there.linear))
  })

  test('touches after the close or before the look-back change nothing; both ends are included', async () => {
    const inside = await weightsOf([{ at: 1 }, { at: 10 }], { settings: { lookbackDays: 9 } })
    expect(inside.linear).toEqual([0.5, 0.5])
    const outside = await weightsOf([{ at: 0.9 }, { at: 1 }, { at: 10 }, { at: 10.001 }, { at: 200 }], {
      settings: { lookbackDays: 9 },
    })
    expect(outside.linear).toEqual([0.5, 0.5])
    const unlimited = await weightsOf([{ at: -3000 }, { at: 1 }], { settings: { lookbackDays: null } })
    expect(unlimited.linear).toEqual([0.5, 0.5])
  })

  test('ties are broken by sequence, then by the bytes of the source id, never by the order of arrival', async () => {
    const there = await weightsOf([
      { at: 1, id: 'b' },
      { at: 1, id: 'B' },
      { at: 1, id: '中' },
    ])
    const back = await weightsOf([
      { at: 1, id: '中' },
      { at: 1, id: 'B' },
      { at: 1, id: 'b' },
    ])
    expect(there).toEqual(back)
  })

  test('custom weights: position times channel factor, and equal parts where all of them are zero', async () => {
    const w = await weightsOf([{ at: 1, channel: 'boosted' }, { at: 2 }, { at: 3 }])
    // 3 x 2.5, 2 and 5 of 14.5
    expect(rounded(w.custom)).toEqual(rounded([7.5 / 14.5, 2 / 14.5, 5 / 14.5]))
    const none = await weightsOf([{ at: 1 }, { at: 2 }], { settings: { custom: { first: 0, middle: 1, last: 0 } } })
    expect(none.custom).toEqual([0.5, 0.5])
  })
})

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(9)))

function shuffle<T>(items: readonly T[], seed: number): T[] {
  const out = [...items]
  let state = seed + 1
  for (let i = out.length - 1; i > 0; i -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const j = state % (i + 1)
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}
