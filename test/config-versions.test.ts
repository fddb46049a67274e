import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isRoiError } from '../src/errors.ts'
import { convertedThresholds, convertReturn } from '../src/model/benchmarks.ts'
import { canonicalJson, sha256 } from '../src/model/canonical.ts'
import { Settings } from '../src/model/settings.ts'
import { changeSetting } from '../src/server/change-setting.ts'
import { configServices } from '../src/server/governance-services.ts'
import { QUIET } from '../src/server/services.ts'
import { actingAs } from '../src/state/actor.ts'
import { openState } from '../src/state/sqlite.ts'
import type { State } from '../src/state/state.ts'
import { openPlace } from './import-kit.ts'
import { ENGINES, type Engine, openStateAt, statePlace } from './support/databases.ts'
import { load } from './support/store.ts'

async function fresh(engine: Engine, now?: () => Date): Promise<{ state: State; tenant: number }> {
  const state = await openStateAt(await statePlace(engine), now)
  onTestFinished(() => state.close())
  const { tenant } = await state.openWorkspace('main')
  return { state, tenant }
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason)
  return isRoiError(error) ? error.code : `no failure: ${String(error)}`
}

const ALL = { limit: 100, offset: 0 }

describe.each(ENGINES)('versions of the configuration on %s', (engine) => {
  test('a new workspace begins with version 1; each change makes one with author, time, both values and reason', async () => {
    let clock = 0
    const { state, tenant } = await fresh(engine, () => new Date(Date.UTC(2026, 0, 1, 0, 0, ++clock)))
    await actingAs('user:chen', () => state.changeSetting(tenant, 'currency', 'USD', 'the group reports in dollars'))
    await actingAs('command_line', () => state.changeSetting(tenant, 'lookback_days', null))
    const [third, second, first] = await state.configVersions(tenant, ALL)
    expect(first).toMatchObject({ version: 1, actor: null, changes: [] })
    expect(second).toMatchObject({
      version: 2,
      actor: 'user:chen',
      reason: 'the group reports in dollars',
      changes: [{ path: 'settings.currency', before: 'CNY', after: 'USD' }],
    })
    expect(third).toMatchObject({ version: 3, actor: 'command_line', reason: null })
    expect(third!.changes).toEqual([{ path: 'settings.lookback_days', before: 365, after: null }])
    expect(third!.at > second!.at && second!.at > first!.at).toBe(true)
    const now = await state.configuration(tenant)
    expect(now.version).toBe(3)
    expect(now.hash).toBe(sha256(canonicalJson(now.body)))
    expect(now.body.settings).toEqual((await state.findWorkspace('main'))!.settings)
  })

  test('what changes nothing makes none, and asking makes none', async () => {
    const { state, tenant } = await fresh(engine)
    await state.changeSetting(tenant, 'currency', 'CNY')
    await state.changeSetting(tenant, 'currency', 'CNY')
    await expect(state.changeSetting(tenant, 'zone', 'Mars/X')).rejects.toThrow()
    await state.configuration(tenant)
    expect(await state.configVersions(tenant, ALL)).toHaveLength(1)
  })

  test('equal configurations have equal hashes, and any difference another one', async () => {
    const { state, tenant } = await fresh(engine)
    await state.changeSetting(tenant, 'direct_channels', ['a', 'b'])
    await state.changeSetting(tenant, 'direct_channels', ['b', 'a'])
    await state.changeSetting(tenant, 'direct_channels', undefined)
    const [fourth, third, second, first] = await state.configVersions(tenant, ALL)
    expect(fourth!.hash).toBe(first!.hash)
    expect(new Set([first!.hash, second!.hash, third!.hash]).size).toBe(3)
    const other = await state.openWorkspace('other')
    expect((await state.configuration(other.tenant)).hash).toBe(first!.hash)
  })

  test('going back makes a new version that says the same; the history stays as it is', async () => {
    const { state, tenant } = await fresh(engine)
    await state.changeSetting(tenant, 'currency', 'USD')
    await state.changeSetting(tenant, 'lookback_days', null)
    await state.define(tenant, 'metric', 'margin', { expression: 'revenue - cost', label: null, unit: 'money' })
    await state.saveSegment(tenant, { name: 'East', where: [{ dimension: 'region', is: ['East'] }] })
    const before = await state.configVersions(tenant, ALL)
    const changes = await actingAs('user:li', () => state.restoreConfig(tenant, 2, 'as agreed'))
    expect(changes.map(({ path }) => path)).toEqual(['metrics.margin', 'segments.East', 'settings.lookback_days'])
    const [newest, ...older] = await state.configVersions(tenant, ALL)
    expect(older).toEqual(before)
    expect(newest).toMatchObject({ version: 6, actor: 'user:li', reason: 'as agreed', hash: before.at(-2)!.hash })
    const { settings } = (await state.findWorkspace('main'))!
    expect([settings.currency, settings.lookback_days]).toEqual(['USD', 365])
    expect(await state.definitions(tenant, 'metric')).toEqual([])
    expect(await state.segments(tenant)).toEqual([])
    // And forward again, to what was taken away.
    await state.restoreConfig(tenant, 5)
    expect(await state.segments(tenant)).toEqual([{ name: 'East', where: [{ dimension: 'region', is: ['East'] }] }])
    expect((await state.audit(tenant)).map(({ action }) => action)).toContain('segment')
    expect(await rejection(state.restoreConfig(tenant, 99))).toBe('unknown_config_version')
    expect(await rejection(state.configVersion(tenant, 99))).toBe('unknown_config_version')
  })

  test('changes at the same time each get a version of their own', async () => {
    const { state, tenant } = await fresh(engine)
    await Promise.all(Array.from({ length: 8 }, (_, i) => state.changeSetting(tenant, 'churn_days', i + 1)))
    const versions = await state.configVersions(tenant, ALL)
    expect(versions.map(({ version }) => version)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(versions.every(({ changes }, i) => i === 8 || changes.length === 1)).toBe(true)
  })

  test('a definition is kept with its own number, time and author, and makes a version', async () => {
    const { state, tenant } = await fresh(engine)
    const body = { expression: 'revenue - cost', label: null, unit: 'money' } as const
    expect(await actingAs('user:chen', () => state.define(tenant, 'metric', 'margin', body, 'asked for'))).toBe(true)
    expect(await state.define(tenant, 'metric', 'margin', body)).toBe(false)
    expect(await state.define(tenant, 'metric', 'margin', { ...body, label: 'Margin' })).toBe(true)
    expect(await state.definitions(tenant, 'metric')).toMatchObject([{ name: 'margin', version: 2, actor: null }])
    const [, second] = await state.configVersions(tenant, ALL)
    expect(second).toMatchObject({ actor: 'user:chen', reason: 'asked for' })
    expect(second!.changes).toEqual([{ path: 'metrics.margin', before: null, after: body }])
    const [entry] = await state.audit(tenant)
    expect(entry).toMatchObject({ action: 'metric', subject: 'margin', before: body })
  })

  test('one workspace sees nothing of another', async () => {
    const { state, tenant } = await fresh(engine)
    const other = await state.openWorkspace('other')
    await state.changeSetting(tenant, 'currency', 'USD')
    expect(await state.configVersions(other.tenant, ALL)).toHaveLength(1)
    expect(await rejection(state.configVersion(other.tenant, 2))).toBe('unknown_config_version')
  })

  test('going back brings the ledger along, like any change of a setting', async () => {
    const { env, workspace } = await openPlace(engine)
    const { database, state } = env
    const day = (n: number) => new Date(Date.UTC(2026, 0, n))
    await load(database, workspace.tenant, [
      { type: 'contact', id: 'c', createdAt: day(1) },
      { type: 'touch', id: 't', person: { contactId: 'c' }, occurredAt: day(2), channel: 'expo' },
      {
        type: 'deal',
        id: 'd',
        contactIds: ['c'],
        amount: { amount: '100', currency: 'CNY' },
        createdAt: day(3),
        closedAt: day(20),
        won: true,
      },
    ])
    const credited = async () => {
      const [row] = await database.query(
        'SELECT CAST(coalesce(sum(m_linear), 0) AS BIGINT) AS minor FROM credit WHERE tenant_id = $1 AND kind = 5 AND touch_id IS NOT NULL',
        [workspace.tenant],
      )
      return row!.minor
    }
    const { version } = await state.configuration(workspace.tenant)
    await changeSetting(env, workspace, 'lookback_days', '3')
    expect(await credited()).toBe(0n)
    const done = await configServices(env).restore_config({ workspace: 'main', version }, QUIET)
    expect(done).toMatchObject({ restored: version, current: version + 2, recomputed: true })
    expect(await credited()).toBe(10_000n)
  })
})

test('a store of an earlier program gets version 1 from what it has', async () => {
  const place = await statePlace('duckdb')
  const before = openState(place.folder)
  const { tenant } = await before.openWorkspace('main')
  await before.changeSetting(tenant, 'currency', 'EUR')
  await before.close()
  const file = new DatabaseSync(join(place.folder, 'state.sqlite'))
  file.exec('DELETE FROM config_version')
  file.close()
  const state = openState(place.folder)
  onTestFinished(() => state.close())
  const found = await state.configuration(tenant)
  expect(found).toMatchObject({ version: 1, actor: null, changes: [], body: { settings: { currency: 'EUR' } } })
  // A first change makes two: what there was, and what it became.
  const other = new DatabaseSync(join(place.folder, 'state.sqlite'))
  other.exec('DELETE FROM config_version')
  other.close()
  await state.changeSetting(tenant, 'currency', 'USD')
  const [second, first] = await state.configVersions(tenant, ALL)
  expect([first!.version, second!.version]).toEqual([1, 2])
  expect(second!.changes).toEqual([{ path: 'settings.currency', before: 'EUR', after: 'USD' }])
})

test('a version of a program with fewer settings stands at their defaults', async () => {
  const place = await statePlace('duckdb')
  const state = openState(place.folder)
  onTestFinished(() => state.close())
  const { tenant } = await state.openWorkspace('main')
  const file = new DatabaseSync(join(place.folder, 'state.sqlite'))
  file.exec(`UPDATE config_version SET body = '{"settings":{"currency":"USD"}}', hash = 'older'`)
  file.close()
  expect((await state.configVersion(tenant, 1)).body.settings).toEqual(Settings.parse({ currency: 'USD' }))
  const now = await state.configuration(tenant)
  expect(now).toMatchObject({ version: 2, actor: null })
  expect(now.changes).toContainEqual({ path: 'settings.currency', before: 'USD', after: 'CNY' })
})

test('canonical JSON does not depend on the order of keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[{"d":1}]}')
  expect(canonicalJson({ a: null, b: [{ d: 1 }] })).toBe('{"a":null,"b":[{"d":1}]}')
})

describe('convention guard', () => {
  test.each([
    [1, 0],
    [1.5, 50],
    [2, 100],
    [3.5, 250],
    [0.4, -60],
    [1.1, 10],
    [0, -100],
  ])('ratio %d is net %d %%, and back', (ratio, net) => {
    expect(convertReturn(ratio, 'ratio', 'net')).toBe(net)
    expect(convertReturn(net, 'net', 'ratio')).toBe(ratio)
    expect(convertReturn(ratio, 'ratio', 'ratio')).toBe(ratio)
  })

  test('thresholds of returns are shown in the convention of the workspace and keep what they mean', () => {
    expect(convertedThresholds(Settings.parse({}))).toEqual([
      {
        threshold: 'channel_healthy',
        value: 0,
        convention: 'net',
        stated: { value: 1, convention: 'ratio' },
      },
    ])
    expect(convertedThresholds(Settings.parse({ convention: 'ratio' }))).toEqual([])
  })

  test('switching the convention says how thresholds read, and stores them as they were stated', async () => {
    const { env, workspace } = await openPlace('duckdb', { convention: 'ratio' })
    const { state } = env
    await changeSetting(env, workspace, 'thresholds', '{"channel_healthy":{"value":1.2,"convention":"ratio"}}')
    const done = await changeSetting(env, (await state.findWorkspace('main'))!, 'convention', 'net')
    expect(done.shown).toMatchObject([{ value: 20, convention: 'net', stated: { value: 1.2, convention: 'ratio' } }])
    const { thresholds } = (await state.findWorkspace('main'))!.settings
    expect(thresholds.channel_healthy).toEqual({ value: 1.2, convention: 'ratio' })
    expect(await rejection(changeSetting(env, workspace, 'thresholds', '{"channel_healthy":{"value":1.2}}'))).toBe(
      'bad_setting',
    )
  })
})
