import type { ExplainContext } from '../../src/metrics/explain.ts'
import { checkQuality } from '../../src/metrics/quality-score.ts'
import type { AnyRecord } from '../../src/model/records.ts'
import type { Settings } from '../../src/model/settings.ts'
import { entered } from '../budgets-kit.ts'
import { type Engine, openTestDatabase } from './databases.ts'
import { load, testWorkspace } from './store.ts'

/** A shop in which every metric of the dictionary has a value in June 2026. */
const at = (day: string) => new Date(`${day}T08:00:00Z`)
const cny = (amount: string) => ({ amount, currency: 'CNY' })
const usd = (amount: string) => ({ amount, currency: 'USD' })
const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve'] as const
const DAY: Readonly<Record<(typeof PEOPLE)[number], string>> = {
  ann: '2026-06-01',
  bob: '2026-06-02',
  cat: '2026-06-03',
  dan: '2026-06-04',
  eve: '2026-05-04',
}

const deal = (id: string, who: string, amount: string, created: string, closed: string, more: object = {}) => ({
  ...{ type: 'deal', id, name: `Deal ${id}`, accountId: `${who}-inc`, contactIds: [who], amount: cny(amount) },
  ...{ createdAt: at(created), closedAt: at(closed), won: true },
  ...more,
})

/** Cat never becomes an MQL, Dan no SQL. */
function stages(id: (typeof PEOPLE)[number]) {
  const day = (n: number) => new Date(at(DAY[id]).getTime() + n * 86_400_000)
  return { ...(id !== 'cat' && { mqlAt: day(1) }), ...(id !== 'cat' && id !== 'dan' && { sqlAt: day(2) }) }
}

export const RECORDS = [
  { type: 'campaign', id: 'search', name: 'Search', channel: 'google_ads', kind: 'ads' },
  { type: 'campaign', id: 'expo', name: 'Expo', channel: 'events', kind: 'event' },
  { type: 'campaign', id: 'blog', name: 'Blog', channel: 'content', kind: 'content' },
  { type: 'rate', id: 'r1', from: 'USD', to: 'CNY', date: '2026-01-01', factor: '7.2' },
  ...[
    ['k1', '2026-06-05', cny('1000'), 'ads', 'search', { impressions: 5000, clicks: 70 }],
    ['k2', '2026-06-06', usd('50'), 'ads', 'search', { impressions: 1000 }],
    ['k3', '2026-06-07', cny('333.33'), 'event', 'expo', {}],
    ['k4', '2026-05-08', cny('200'), 'ads', 'search', {}],
  ].map(([id, date, amount, category, campaignId, more]) => ({
    ...{ type: 'cost', id, date, amount, category, state: 'actual', campaignId },
    ...(more as object),
  })),
  ...PEOPLE.map((id) => ({
    type: 'contact',
    id,
    name: id,
    createdAt: at(DAY[id]),
    accountId: `${id}-inc`,
    ...stages(id),
  })),
  { type: 'contact', id: 'gus', createdAt: at('2026-06-09') },
  ...PEOPLE.flatMap((id) => [
    { type: 'touch', id: `${id}-1`, person: { contactId: id }, occurredAt: at(DAY[id]), campaignId: 'search' },
    {
      type: 'touch',
      id: `${id}-2`,
      person: { contactId: id },
      occurredAt: new Date(at(DAY[id]).getTime() + 90_000_000),
      campaignId: 'expo',
    },
    {
      type: 'touch',
      id: `${id}-3`,
      person: { contactId: id },
      occurredAt: new Date(at(DAY[id]).getTime() + 180_000_000),
      campaignId: id === 'bob' ? 'blog' : 'search',
    },
  ]),
  { type: 'touch', id: 'ann-4', person: { contactId: 'ann' }, occurredAt: at('2026-06-15'), campaignId: 'search' },
  deal('d1', 'ann', '1000.01', '2026-06-04', '2026-06-10', { productCost: cny('400') }),
  deal('d2', 'ann', '500', '2026-06-12', '2026-06-20', { productCost: cny('100'), layer: 'repurchase' }),
  { ...deal('d3', 'bob', '0', '2026-06-05', '2026-06-15', { productCost: usd('10') }), amount: usd('333.33') },
  deal('d4', 'cat', '900', '2026-06-06', '2026-06-18', { won: false }),
  deal('d5', 'dan', '700', '2026-06-07', '2026-06-19', { layer: 'referral', productCost: cny('1') }),
  deal('d6', 'eve', '1500', '2026-05-06', '2026-05-20', { productCost: cny('50') }),
  { type: 'payment', id: 'p1', dealId: 'd1', amount: cny('1000.01'), paidAt: at('2026-06-21') },
  { type: 'lead', id: 'l1', contactId: 'ann', createdAt: at('2026-06-01'), accepted: true },
  { type: 'lead', id: 'l2', contactId: 'cat', createdAt: at('2026-06-03'), accepted: false },
] as unknown as readonly AnyRecord[]

export const JUNE = { from: '2026-06-01', to: '2026-07-01' } as const
export const NOW = new Date('2026-07-11T12:00:00Z')

export async function explainShop(
  engine: Engine,
  records: readonly AnyRecord[] = RECORDS,
  settings: Partial<Settings> = {},
) {
  const database = await openTestDatabase(engine)
  await load(database, 1, records)
  const workspace = testWorkspace(1, { ltv_months: 1, churn_days: 5, ...settings })
  const fresh = { scheduled: 0, late: [], any: true, stale: false }
  const context: ExplainContext = {
    budgets: entered([{ id: 'june', amount: '4000', period: '2026-06-01..2026-08-01' }]),
    quality: () => checkQuality(database, workspace, fresh, NOW),
    configVersion: 3,
    now: NOW,
  }
  return { database, workspace, context }
}
