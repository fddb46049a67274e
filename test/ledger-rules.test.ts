import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttributionSettings, recompute } from '../src/attribution/recompute.ts'
import type { Database } from '../src/db/database.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { Eligibility, LeadRule } from '../src/model/rules.ts'
import type { Correction } from '../src/state/corrections.ts'
import { pullCorrections } from '../src/sync/corrections.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { ledgerOf, REFERENCE, referenceLedger, rollupDifference } from './support/ledger.ts'
import { CHANNELS, toRecords } from './support/random-workspace.ts'
import { enriched, KINDS, type RichWorkspace, richWorkspace } from './support/rich-workspace.ts'
import { load, loadAndRecompute, SETTINGS, testWorkspace } from './support/store.ts'
import { times } from './support/thorough.ts'

const names = (...all: readonly string[]) => fc.subarray([...all], { maxLength: 2 })
const often = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T) => fc.oneof(fc.constant(otherwise), arbitrary)
const way = fc.record({
  source: fc.boolean(),
  touch_kinds: names('ALPHA', 'gamma'),
  touches: fc.constantFrom(null, 1, 2, 3),
  deal_created: fc.boolean(),
})

/** Settings that decide what counts, for whom and since when. */
const rules = fc
  .record({
    eligibility: often(
      fc.record({
        include_kinds: often(names('alpha', 'beta'), []),
        exclude_kinds: names(...KINDS),
        include_channels: often(names('GOOGLE', 'direct', 'expo'), []),
        exclude_channels: names('EXPO', '(direct)', '微信'),
      }),
      Eligibility.parse({}),
    ),
    directHandling: fc.constantFrom('keep' as const, 'ignore' as const),
    campaignsFirst: fc.boolean(),
    repurchasePath: fc.constantFrom('marked' as const, 'all' as const, 'none' as const),
    leadRule: often(fc.record({ mql: way, sql: way }), LeadRule.parse({})),
  })
  .map((drawn) => ({ ours: { ...SETTINGS, ...drawn }, reference: { ...REFERENCE, ...drawn } }))

const recordsOf = (workspace: RichWorkspace) => enriched(toRecords(workspace), workspace)

/** Corrections as the state store would give them. */
function correctionsOf({ extras }: RichWorkspace): Correction[] {
  return extras.fixes
    .filter((fix) => fix.leaveOut || fix.channel !== null || fix.campaign !== null)
    .map((fix, i) => ({
      id: `cor_${i}`,
      touch: { source: 'test', id: `t${fix.touch}` },
      action: fix.leaveOut ? 'leave_out' : 'move',
      channel: fix.leaveOut || fix.channel === null ? null : CHANNELS[fix.channel]!,
      campaign: fix.leaveOut || fix.campaign === null ? null : { source: 'test', id: `k${fix.campaign}` },
      reason: 'x',
      was: { channel: null, campaign: null },
      author: null,
      at: new Date(0),
      revokedAt: null,
      revokedBy: null,
    }))
}

/** Brings corrections into the facts as their only ones. @param seq another number each time */
async function correct(database: Database, tenant: number, corrections: readonly Correction[], seq: number) {
  const nobody = () => Promise.reject(new Error('not asked for'))
  const state = {
    corrections: async () => corrections,
    lastCorrection: async () => seq,
    addCorrection: nobody,
    revokeCorrection: nobody,
  }
  // Channels are flagged as the loader of the tests does.
  const custom_weights = { ...SETTINGS.custom, channels: { boosted: 2.5 } }
  await pullCorrections({ database, state }, testWorkspace(tenant, { custom_weights }))
}

/** What a recompute derives besides credit. */
async function derived(database: Database, tenant: number): Promise<unknown[]> {
  return [
    await database.query(
      'SELECT id, channel_id, used_campaign_id, eligible FROM touch WHERE tenant_id = $1 ORDER BY id',
      [tenant],
    ),
    await database.query(
      `SELECT kind, id, customer_id, occurred_at, day, path_start, path_end, lead_at, opened_day, cohort_day, amount_minor,
              layer, is_new, fx_missing, fallback FROM outcome WHERE tenant_id = $1 ORDER BY kind, id`,
      [tenant],
    ),
    await database.query(
      'SELECT kind, outcome_id, position, touch_day, day, layer FROM credit WHERE tenant_id = $1 ORDER BY kind, outcome_id, position',
      [tenant],
    ),
    await database.query(
      'SELECT kind FROM passed_over WHERE tenant_id = $1 UNION ALL SELECT 0 FROM person_stage WHERE tenant_id = $1',
      [tenant],
    ),
  ]
}

describe.each(ENGINES)('the ledger under rules of the workspace, on %s', (engine) => {
  test('refunds, losses, repurchases, currencies, eligibility, direct handling and corrections equal the reference', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(richWorkspace, rules, async (workspace, { ours, reference }) => {
        tenant += 1
        await load(database, tenant, recordsOf(workspace))
        await correct(database, tenant, correctionsOf(workspace), 1)
        await recompute(database, tenant, ours, true)
        expect(await ledgerOf(database, tenant)).toEqual(referenceLedger(workspace, reference))
        expect(await rollupDifference(database, tenant)).toEqual([])
      }),
      { numRuns: times(15, 200) },
    )
  }, 120_000)

  test('recomputing only what changed ends in the same ledger, touches and outcomes', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(richWorkspace, richWorkspace, rules, fc.nat(), async (before, after, { ours }, seed) => {
        tenant += 1
        const arriving = [...shuffle(recordsOf(before), seed), ...shuffle(recordsOf(after), seed + 1)]
        const size = 10 + (seed % 60)
        for (let i = 0; i < arriving.length; i += size) {
          await load(database, tenant, arriving.slice(i, i + size))
          if (i >= arriving.length / 3) await correct(database, tenant, correctionsOf(before), 1)
          if (i >= arriving.length / 2) await correct(database, tenant, correctionsOf(after), 2)
          await recompute(database, tenant, ours)
        }
        const changed = [await ledgerOf(database, tenant), await derived(database, tenant)]
        expect(await rollupDifference(database, tenant)).toEqual([])
        await recompute(database, tenant, ours, true)
        expect(changed).toEqual([await ledgerOf(database, tenant), await derived(database, tenant)])
      }),
      { numRuns: times(6, 100) },
    )
  }, 180_000)
})

function shuffle(items: readonly AnyRecord[], seed: number): AnyRecord[] {
  const out = [...items]
  let state = seed + 1
  for (let i = out.length - 1; i > 0; i -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const j = state % (i + 1)
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}

/** Linear weights of one deal's touches on days 1, 2, 3 …, by id. */
async function weights(
  touches: readonly { channel?: string; campaign?: string; kind?: string }[],
  settings: Partial<AttributionSettings>,
) {
  const database = await openTestDatabase('duckdb')
  const day = (n: number) => new Date(Date.UTC(2026, 0, n))
  await loadAndRecompute(
    database,
    1,
    [
      { type: 'contact', id: 'c', createdAt: day(1) },
      ...touches.map(
        ({ channel, campaign, kind }, i): AnyRecord => ({
          type: 'touch',
          id: `t${i + 1}`,
          person: { contactId: 'c' },
          occurredAt: day(i + 1),
          channel: channel ?? 'google',
          ...(campaign === undefined ? {} : { campaignId: campaign }),
          ...(kind === undefined ? {} : { kind }),
        }),
      ),
      {
        type: 'deal',
        id: 'd',
        contactIds: ['c'],
        amount: { amount: '100', currency: 'CNY' },
        closedAt: day(20),
        won: true,
      },
    ],
    { ...SETTINGS, ...settings },
  )
  const rows = await database.query<{ touch: string | null; m_linear: bigint; m_last: bigint }>(
    `SELECT t.source_id AS touch, c.m_linear, c.m_last FROM credit AS c
     LEFT JOIN touch AS t ON t.tenant_id = c.tenant_id AND t.id = c.touch_id WHERE c.kind = 5 ORDER BY c.position`,
  )
  return rows.map(({ touch, m_linear, m_last }) => `${touch ?? '-'} ${m_linear} ${m_last}`)
}

test('a deal that was lost after it was won counts on both days, however late its stages come', async () => {
  const database = await openTestDatabase('duckdb')
  const day = (n: number) => new Date(Date.UTC(2026, 0, n))
  const entered = (stage: string, n: number): AnyRecord => {
    return { type: 'stage_change', id: stage, dealId: 'd', stage, changedAt: day(n) }
  }
  const amounts = async () => {
    const rows = await database.query('SELECT kind, amount_minor FROM outcome WHERE kind >= 5 ORDER BY kind')
    return rows.map(({ kind, amount_minor }) => `${kind} ${amount_minor}`)
  }
  const money = { amount: '100', currency: 'CNY' }
  await loadAndRecompute(database, 1, [{ type: 'deal', id: 'd', amount: money, closedAt: day(9), won: false }])
  expect(await amounts()).toEqual([])
  await loadAndRecompute(database, 1, [entered('W', 3), entered('L', 9)])
  expect(await amounts()).toEqual([])
  const stage = (id: string, won: boolean): AnyRecord => {
    return { type: 'stage', id, pipeline: 'p', label: id, position: 1, closed: true, won }
  }
  await loadAndRecompute(database, 1, [stage('W', true), stage('L', false)])
  expect(await amounts()).toEqual(['5 10000', '9 -10000'])
  await loadAndRecompute(database, 1, [entered('L', 2)])
  expect(await amounts()).toEqual([])
})

describe('which touches count, by the book', () => {
  const visits = [{ channel: 'direct' }, { campaign: 'k' }, {}, { channel: 'Direct' }]

  test('ignore direct: only where the journey has nothing else, under every model (F132)', async () => {
    expect(await weights(visits, {})).toEqual(['t1 2500 0', 't2 2500 0', 't3 2500 0', 't4 2500 10000'])
    expect(await weights(visits, { directHandling: 'ignore' })).toEqual(['t2 5000 0', 't3 5000 10000'])
    expect(await weights([{ channel: 'direct' }], { directHandling: 'ignore' })).toEqual(['t1 10000 10000'])
  })

  test('campaigns first: touches of campaigns take it all where there are any; then direct is ignored among them', async () => {
    expect(await weights(visits, { campaignsFirst: true })).toEqual(['t2 10000 10000'])
    expect(await weights([{}, { channel: 'direct' }], { campaignsFirst: true })).toEqual(['t1 5000 0', 't2 5000 10000'])
    const both = { campaignsFirst: true, directHandling: 'ignore' } as const
    const mixed = [{ channel: 'direct', campaign: 'k' }, {}, { campaign: 'k' }]
    expect(await weights(mixed, both)).toEqual(['t3 10000 10000'])
    // The only campaign touch is a direct one: campaigns come first, and then it is alone.
    expect(await weights(mixed.slice(0, 2), both)).toEqual(['t1 10000 10000'])
  })

  test('eligibility: kinds and channels, in or out, whatever their case (F122)', async () => {
    const touches = [{ kind: 'Email_Open' }, { kind: 'form' }, {}, { channel: 'Expo', kind: 'form' }]
    const rule = (given: Partial<Eligibility>) => ({ eligibility: Eligibility.parse(given) })
    const found = async (given: Partial<Eligibility>) =>
      (await weights(touches, rule(given))).map((row) => row.split(' ')[0])
    expect(await found({ exclude_kinds: ['email_open'] })).toEqual(['t2', 't3', 't4'])
    expect(await found({ include_kinds: ['FORM'] })).toEqual(['t2', 't4'])
    expect(await found({ include_kinds: ['form'], exclude_channels: ['EXPO'] })).toEqual(['t2'])
    expect(await found({ include_channels: ['expo'] })).toEqual(['t4'])
    expect(await found({ include_channels: ['nowhere'] })).toEqual(['-'])
  })

  test('lead rule: the earliest way decides, and nobody is an SQL before an MQL (F83)', async () => {
    const database = await openTestDatabase('duckdb')
    const day = (n: number) => new Date(Date.UTC(2026, 0, n))
    const person = (id: string, more: Partial<Extract<AnyRecord, { type: 'contact' }>>): AnyRecord => {
      return { type: 'contact', id, createdAt: day(1), ...more }
    }
    const touch = (id: string, contactId: string, n: number, kind: string): AnyRecord => {
      return { type: 'touch', id, person: { contactId }, occurredAt: day(n), kind, channel: 'x' }
    }
    const records: AnyRecord[] = [
      person('source', { mqlAt: day(9), sqlAt: day(10) }),
      person('form', { mqlAt: day(9) }),
      touch('a', 'form', 4, 'Form'),
      touch('b', 'form', 3, 'visit'),
      person('third', {}),
      ...[5, 6, 7].map((n) => touch(`c${n}`, 'third', n, 'visit')),
      person('deal', { mqlAt: day(12) }),
      { type: 'deal', id: 'd', contactIds: ['deal'], createdAt: day(8) },
      person('none', {}),
    ]
    const stages = async (rule: Partial<Record<'mql' | 'sql', object>>) => {
      await load(database, 1, records)
      await recompute(database, 1, { ...SETTINGS, leadRule: LeadRule.parse(rule) }, true)
      const rows = await database.query<{ id: string; kind: number; occurred_at: number }>(
        `SELECT c.source_id AS id, o.kind, o.occurred_at FROM outcome AS o JOIN contact AS c ON c.id = o.id
         WHERE o.kind IN (2, 3) ORDER BY c.source_id, o.kind`,
      )
      return rows.map(
        ({ id, kind, occurred_at }) => `${id} ${kind === 2 ? 'mql' : 'sql'} ${new Date(occurred_at).getUTCDate()}`,
      )
    }
    expect(await stages({})).toEqual(['deal mql 12', 'form mql 9', 'source mql 9', 'source sql 10'])
    expect(await stages({ mql: { touch_kinds: ['form'], touches: 3 }, sql: { deal_created: true } })).toEqual([
      'deal mql 8',
      'deal sql 8',
      'form mql 4',
      'source mql 9',
      'source sql 10',
      'third mql 7',
    ])
    expect(await stages({ mql: { source: false, touches: 1 }, sql: { source: false } })).toEqual([
      'form mql 3',
      'third mql 5',
    ])
  })
})
