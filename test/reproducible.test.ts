import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Manifest } from '../src/api/governance.ts'
import { recompute } from '../src/attribution/recompute.ts'
import { readFigures } from '../src/metrics/snapshot.ts'
import { canonicalJson, sha256 } from '../src/model/canonical.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { DIMENSIONS } from '../src/model/rules.ts'
import type { Workspace } from '../src/model/settings.ts'
import { EXPORTS, exportCredit, exportRecords } from '../src/reports/export.ts'
import { appVersion, dataHash, tableDigests } from '../src/reports/manifest.ts'
import { runServices } from '../src/server/runs-services.ts'
import { QUIET } from '../src/server/services.ts'
import type { State } from '../src/state/state.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { generator } from './import-kit.ts'
import { ENGINES, type Engine, openStateAt, openStore, type TestStore, testKeys } from './support/databases.ts'
import { load } from './support/store.ts'

/** The same input and configuration give the same bytes, on every engine and in every order of arrival (F152). */

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

/** Records of every type, with foreign money, refunds, invoices, names in Chinese and ties. */
function records(): AnyRecord[] {
  const random = generator(7)
  const upTo = (n: number) => Math.floor(random() * n)
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)]!
  const at = (days: number) => new Date(START + upTo(days) * DAY + upTo(24) * 3_600_000)
  const money = (most: number) => ({
    amount: `${upTo(most)}.${10 + upTo(89)}`,
    currency: pick(['CNY', 'CNY', 'USD', 'EUR']),
  })
  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
  return [
    ...many(6, (i) => ({
      type: 'campaign' as const,
      id: `K${i}`,
      name: pick(['春季展会', 'Spring', 'spring', 'Ärger']) + i,
      channel: pick(['google', '微信', 'expo']),
      kind: pick(['ads', 'event', 'content']),
      region: pick(['华东', 'West', 'west']),
      department: pick(['Sales', 'sales']),
      tier: pick(['strategic', 'growth']),
      brand: random() < 0.5,
      ...(i === 5 ? { parentId: 'K0' } : {}),
    })),
    ...many(3, (i) => ({
      type: 'rate' as const,
      id: `R${i}`,
      from: pick(['USD', 'EUR']),
      to: 'CNY',
      date: `2026-0${i + 1}-01`,
      factor: `7.${i}123`,
    })),
    ...many(8, (i) => ({ type: 'account' as const, id: `A${i}`, name: `客户 ${i}` })),
    ...many(40, (i) => ({
      type: 'contact' as const,
      id: `C${i}`,
      email: `p${upTo(35)}@example.com`,
      accountId: `A${upTo(8)}`,
      createdAt: at(60),
      ...(random() < 0.4 ? { mqlAt: at(90) } : {}),
    })),
    ...many(200, (i) => ({
      type: 'touch' as const,
      id: `T${i}`,
      person: { contactId: `C${upTo(40)}` },
      occurredAt: at(120),
      channel: pick(['google', '微信', 'expo', 'direct', 'Google']),
      ...(random() < 0.6 ? { campaignId: `K${upTo(7)}` } : {}),
    })),
    ...many(40, (i) => ({
      type: 'cost' as const,
      id: `F${i}`,
      date: new Date(START + upTo(120) * DAY).toISOString().slice(0, 10),
      amount: money(9000),
      category: pick(['ads', 'event', 'tools']),
      state: pick(['actual', 'paid', 'planned']),
      ...(random() < 0.7 ? { campaignId: `K${upTo(6)}` } : { channel: pick(['google', '微信']) }),
    })),
    ...many(40, (i) => ({
      type: 'deal' as const,
      id: `D${i}`,
      name: `商机 ${i}`,
      accountId: `A${upTo(8)}`,
      contactIds: random() < 0.8 ? [`C${upTo(40)}`, `C${upTo(40)}`] : [],
      amount: money(90_000),
      createdAt: at(90),
      ...(random() < 0.7 ? { closedAt: new Date(START + (90 + upTo(60)) * DAY), won: random() < 0.8 } : {}),
    })),
    ...many(30, (i) => ({
      type: 'payment' as const,
      id: `P${i}`,
      dealId: `D${upTo(40)}`,
      amount: { amount: `${upTo(9000) - 2000}.50`, currency: pick(['CNY', 'USD']) },
      paidAt: at(200),
    })),
    ...many(15, (i) => ({
      type: 'invoice' as const,
      id: `I${i}`,
      dealId: `D${upTo(40)}`,
      amount: money(9000),
      issuedAt: at(200),
    })),
  ] as AnyRecord[]
}

interface World {
  readonly store: TestStore
  readonly state: State
  readonly workspace: Workspace
  readonly folder: string
}

/** @param shuffle the order of arrival, and how much comes at a time */
async function open(engine: Engine, shuffle: number): Promise<World> {
  const store = await openStore(engine)
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-same-'))
  const state = await openStateAt({ engine, folder, url: store.place, keys: testKeys() })
  await state.openWorkspace('main')
  await state.changeSetting(1, 'zone', 'Europe/Berlin')
  await state.changeSetting(1, 'direct_handling', 'ignore')
  const body = { expression: '(revenue - cost) / leads', label: '每线索毛利', unit: 'money' } as const
  await state.define(1, 'metric', 'margin_per_lead', body)
  const workspace = (await state.findWorkspace('main'))!
  const random = generator(shuffle)
  const arriving = records()
    .map((record) => ({ record, turn: random() }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ record }) => record)
  const size = 60 + shuffle * 37
  for (let i = 0; i < arriving.length; i += size) {
    await load(store, 1, arriving.slice(i, i + size))
    await recompute(store, 1, attributionSettings(workspace.settings))
  }
  return { store, state, workspace, folder }
}

async function text(chunks: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const chunk of chunks) all += chunk
  return all
}

describe('the same bytes', () => {
  let worlds: World[]

  beforeAll(async () => {
    worlds = []
    for (const [i, engine] of ENGINES.entries()) worlds.push(await open(engine, i + 1))
    worlds.push(await open('duckdb', 3))
  }, 60_000)
  afterAll(async () => {
    for (const { store, state, folder } of worlds) {
      await state.close()
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
  })

  /** What each world answers is one answer. */
  async function same(ask: (world: World) => Promise<string>, what: string): Promise<string> {
    const answers = []
    for (const world of worlds) answers.push(await ask(world))
    const lines = answers.map((answer) => answer.split(/\n|(?=\{"key)/))
    for (const other of lines) {
      const wrong = other.findIndex((line, i) => line !== lines[0]![i])
      expect([wrong, other[wrong]], what).toEqual([-1, undefined])
    }
    expect(new Set(answers).size, what).toBe(1)
    return answers[0]!
  }

  const report = (question: object) => (world: World) =>
    runServices({ database: world.store, state: world.state })
      .report({ by: 'channel', from: null, to: null, manifest: true, ...question }, QUIET)
      .then((answer) => JSON.stringify(answer))

  test('of every report, with its manifest', async () => {
    for (const by of DIMENSIONS) await same(report({ by }), by)
    for (const model of RULE_MODELS) await same(report({ model, by: 'campaign' }), model)
    for (const date_basis of ['created', 'touch', 'cohort']) await same(report({ date_basis }), date_basis)
    for (const revenue_basis of ['invoiced', 'cash']) await same(report({ revenue_basis, by2: 'month' }), revenue_basis)
    await same(report({ by: 'region', by2: 'tier', from: '2026-02-10', to: '2026-05-20' }), 'two dimensions')
  })

  test('of the ledger under every model, and of every kind of record', async () => {
    for (const format of ['csv', 'json'] as const) {
      for (const model of RULE_MODELS) {
        const credit = await same(
          ({ store, workspace }) => text(exportCredit(store, workspace, { model, format })),
          `credit ${model}.${format}`,
        )
        expect(credit.split('\n').length).toBeGreaterThan(100)
      }
      for (const what of EXPORTS) {
        await same(
          ({ store, workspace }) => text(exportRecords(store, workspace, { what, format })),
          `${what}.${format}`,
        )
      }
    }
  })

  test('a manifest names versions and hashes that anybody can check', async () => {
    const answer = await same(report({}), 'report')
    const { manifest, ...result } = JSON.parse(answer)
    const found = Manifest.parse(manifest)
    expect(found.app_version).toBe(appVersion())
    expect(found.query).toEqual(result.query)
    expect(found.result_hash).toBe(createHash('sha256').update(JSON.stringify(result)).digest('hex'))
    const { store, state, workspace } = worlds[0]!
    const configuration = await state.configuration(workspace.tenant)
    expect(found.config_version).toBe(configuration.version)
    expect(found.config_hash).toBe(sha256(canonicalJson(configuration.body)))
    expect(found.data_hash).toBe(dataHash(await tableDigests(store, workspace.tenant)))
    expect(result.total.custom.margin_per_lead).toMatchObject({ label: '每线索毛利', unit: 'money' })
  })

  test('any change of the data makes another fingerprint, wherever it is', async () => {
    const { store } = worlds[2]!
    const tenant = 7
    const seen = new Set<string>()
    const hash = async () => dataHash(await tableDigests(store, tenant))
    const note = async (what: string, change: readonly AnyRecord[]) => {
      await load(store, tenant, change)
      const now = await hash()
      expect(seen.has(now), what).toBe(false)
      seen.add(now)
    }
    await note('nothing', [])
    for (const type of ['campaign', 'rate', 'account', 'contact', 'touch', 'cost', 'deal', 'payment', 'invoice']) {
      await note(
        type,
        records().filter((record) => record.type === type),
      )
    }
    const [a, b] = records().filter((record) => record.type === 'cost')
    // Two records that change places hold the same in all, and are not the same.
    await note('swap', [{ ...a!, id: b!.id } as AnyRecord, { ...b!, id: a!.id } as AnyRecord])
    const before = await hash()
    await load(
      store,
      tenant,
      records().filter((record) => record.type === 'deal'),
    )
    expect(await hash()).toBe(before)
  })

  test('a saved report opens as it was, whatever changes, and says what changed', async () => {
    const { store, state, workspace } = worlds[2]!
    const services = runServices({ database: store, state })
    const printed = JSON.parse(await report({ by: 'campaign' })(worlds[2]!))
    const saved = await services.save_run({ by: 'campaign', from: null, to: null, name: 'as reported' }, QUIET)
    const fresh = await services.run({ id: saved.id }, QUIET)
    expect(fresh.since.changed).toBe(false)
    const { manifest, ...result } = printed
    expect(fresh.result).toEqual(result)
    expect(fresh.manifest).toEqual(manifest)

    await state.changeSetting(workspace.tenant, 'lookback_days', 5, 'narrower')
    await store.write((tx) => tx.insert('dirty', [{ tenant_id: workspace.tenant, kind: 'all', id: 0n }]))
    await load(
      store,
      workspace.tenant,
      records()
        .filter(({ id }) => id === 'D1')
        .map((deal) => ({ ...deal, amount: { amount: '1', currency: 'CNY' } }) as AnyRecord),
    )
    await load(store, workspace.tenant, [{ type: 'account', id: 'A99', name: 'new' }])
    const later = await services.run({ id: saved.id }, QUIET)
    expect(JSON.stringify(later.result)).toBe(JSON.stringify(fresh.result))
    expect(later.configuration).toEqual(fresh.configuration)
    expect(later.since).toMatchObject({
      changed: true,
      config: { changes: [{ path: 'settings.lookback_days', before: 365, after: 5 }] },
      data: {
        tables: [
          { table: 'account', rows_then: 8, rows_now: 9 },
          { table: 'deal', rows_then: 40, rows_now: 40 },
        ],
      },
    })
    expect(sha256(JSON.stringify(later.result))).toBe(later.manifest.result_hash)
    const now = await services.report({ by: 'campaign', from: null, to: null }, QUIET)
    expect(now.total.revenue).not.toBe(printed.total.revenue)
    expect((await services.runs({ limit: 10, offset: 0 }, QUIET)).runs).toMatchObject([
      { id: saved.id, name: 'as reported' },
    ])
    await expect(services.run({ id: 'run_none' }, QUIET)).rejects.toMatchObject({ code: 'unknown_run' })
    await readFigures(store, workspace, async () => undefined)
  })
})
