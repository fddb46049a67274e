import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RecordType, RecordView } from '../src/api.ts'
import { record } from '../src/metrics/record.ts'
import { surrogate } from '../src/model/ids.ts'
import { toMinor } from '../src/model/money.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { RULE_MODELS, type RuleModel } from '../src/model/rule-models.ts'
import { ENGINES, openTestDatabase, type TestStore } from './support/databases.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load, testWorkspace } from './support/store.ts'

const SOURCES = [{ source: 'test', connected: true }]
const ACCOUNTS = [0, 1, 2, 3].map((n): AnyRecord => ({ type: 'account', id: `a${n}`, name: `Account ${n}` }))

async function view(database: TestStore, tenant: number, type: RecordType, id: string, model: RuleModel) {
  const query = { type, id, sources: SOURCES, model, locale: 'zh-CN', asOf: null, now: new Date('2027-01-01') } as const
  return RecordView.parse(await record(database, testWorkspace(tenant), query))
}

const minor = (amount: string | null) => toMinor({ amount: amount ?? '0', currency: 'CNY' })
const minorOf = (parts: readonly { amount: string | null }[]) =>
  parts.reduce((sum, part) => sum + minor(part.amount), 0n)
const shareOf = (parts: readonly { share: number | null }[]) => parts.reduce((sum, part) => sum + (part.share ?? 0), 0)

/** Channel lines are the sums of the touches that are credited; what no touch explains is the line of its own. */
function expectChannelsToBeTheirTouches({ credit, journey }: RecordView) {
  const touches = journey.filter(({ kind, share }) => kind === 'touch' && share !== null)
  const attributed = credit.filter(({ key }) => key !== '(unattributed)')
  expect(new Set(touches.map(({ channel }) => channel))).toEqual(new Set(attributed.map(({ key }) => key)))
  for (const line of attributed) {
    const own = touches.filter(({ channel }) => channel === line.key)
    expect(own.length).toBe(line.touches)
    expect(minorOf(own)).toBe(minor(line.amount))
    expect(shareOf(own)).toBeCloseTo(line.share, 9)
  }
}

describe.each(ENGINES)('record views of random workspaces on %s', (engine) => {
  test('shares sum to one, amounts to the cent, and every view agrees with the ledger', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(randomWorkspace, async (workspace) => {
        tenant += 1
        const records = toRecords(workspace)
        await load(database, tenant, [...records, ...ACCOUNTS])
        const deals = records.filter((one) => one.type === 'deal')
        for (const model of RULE_MODELS) {
          for (const deal of deals) {
            const answer = await view(database, tenant, 'deal', deal.id, model)
            const touches = answer.journey.filter(({ kind }) => kind === 'touch')
            if (!deal.won) {
              expect(answer).toMatchObject({ credit: [], reconciliation: null })
              expect(touches.every(({ share, amount }) => share === null && amount === null)).toBe(true)
              continue
            }
            const amount = toMinor(deal.amount!)
            expect(shareOf(answer.credit)).toBeCloseTo(1, 9)
            expect(minorOf(answer.credit)).toBe(amount)
            expect(answer.reconciliation).toMatchObject({ ok: true })
            const eligible = touches.filter(({ share }) => share !== null)
            const unattributed = answer.credit.some(({ key }) => key === '(unattributed)')
            expect(eligible.length === 0).toBe(unattributed)
            if (!unattributed) {
              expect(shareOf(eligible)).toBeCloseTo(1, 9)
              expect(minorOf(eligible)).toBe(amount)
            }
            expectChannelsToBeTheirTouches(answer)
          }
        }
        // Views of people and accounts take the same way under every model: some of them are enough.
        for (const model of ['linear', 'last'] as const) {
          for (const contact of records.filter((one) => one.type === 'contact')) {
            const answer = await view(database, tenant, 'contact', contact.id, model)
            const [ledger] = await database.query<{ m: bigint; w: bigint }>(
              `SELECT CAST(coalesce(sum(c.m_${model}), 0) AS BIGINT) AS m,
                      CAST(coalesce(sum(c.w_${model}), 0) AS BIGINT) AS w
               FROM credit AS c
               JOIN touch AS t ON t.tenant_id = c.tenant_id AND t.id = c.touch_id
               JOIN contact AS p ON p.tenant_id = t.tenant_id AND p.person_id = t.person_id
               WHERE c.tenant_id = $1 AND c.kind = 5 AND p.id = $2`,
              [tenant, surrogate('contact', 'test', contact.id)],
            )
            expect(minorOf(answer.credit)).toBe(ledger!.m)
            expect(minorOf(answer.deals.map(({ credited }) => ({ amount: credited })))).toBe(ledger!.m)
            expect(answer.credit.every(({ share }) => share >= 0 && share <= 1)).toBe(true)
            // Touches may be eligible and still get nothing under a model.
            expect(shareOf(answer.credit)).toBeCloseTo(ledger!.w > 0n ? 1 : 0, 9)
            expectChannelsToBeTheirTouches(answer)
          }
          for (const { id } of ACCOUNTS) {
            const answer = await view(database, tenant, 'account', id, model)
            const own = deals.filter(({ accountId, won }) => accountId === id && won)
            const revenue = own.reduce((sum, { amount }) => sum + toMinor(amount!), 0n)
            expect([answer.deals_count, minorOf(answer.credit)]).toEqual([own.length, revenue])
            expect(answer.reconciliation?.ok ?? true).toBe(true)
            expect(answer.reconciliation === null).toBe(own.length === 0)
            if (own.length > 0) expect(shareOf(answer.credit)).toBeCloseTo(1, 9)
            expectChannelsToBeTheirTouches(answer)
          }
        }
      }),
      { numRuns: engine === 'duckdb' ? 6 : 12, endOnFailure: true },
    )
  }, 180_000)
})
