import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DoctorReport } from '../src/api.ts'
import { isAtLeast } from '../src/server/doctor-machine.ts'
import { webhookCheck } from '../src/server/doctor-sources.ts'
import { QUIET } from '../src/server/services.ts'
import { openWorld, type World } from './connections-kit.ts'
import { importTexts } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'

const connect = ({ services, source }: World, more: object = {}) =>
  services.connect({ connector: 'acme', settings: { token: source.token, portal: '77' }, ...more }, QUIET)
const doctor = async ({ services }: World, offline = false, locale: 'en' | 'zh-CN' = 'en') =>
  DoctorReport.parse(await services.doctor({ offline, locale }, QUIET))
const states = ({ checks }: DoctorReport) => checks.map(({ check, state }) => `${check} ${state}`)
const found = ({ checks }: DoctorReport, check: string) => checks.filter((one) => one.check === check)

describe.each(ENGINES)('on %s', (engine) => {
  test('a sound installation is told so, in both languages', async () => {
    const world = await openWorld(engine)
    const { id } = (await connect(world)).connection
    await world.services.sync({ id, full: false }, QUIET)
    const report = await doctor(world)
    expect(report.ok).toBe(true)
    expect(states(report)).toEqual([
      'version ok',
      'disk ok',
      'database ok',
      'keys ok',
      'credentials ok',
      'clock ok',
      'quota ok',
      'run ok',
      'drift ok',
      'quarantine ok',
      'webhooks skipped',
      'rates ok',
      'reconciliation ok',
      'imports ok',
    ])
    expect(found(report, 'credentials')[0]).toMatchObject({
      subject: 'Acme GmbH',
      message: expect.stringContaining('scopes: deals'),
    })
    expect(found(report, 'reconciliation')[0]!.message).toContain('150.00 EUR')
    const chinese = await doctor(world, false, 'zh-CN')
    for (const { message, remedy } of chinese.checks) expect(`${message}${remedy ?? ''}`).toMatch(/[一-龥]/)
    expect(JSON.stringify(report)).not.toContain(world.source.token)
  })
})

test('offline asks no source anything', async () => {
  const world = await openWorld()
  await connect(world)
  const before = world.source.requests.length
  const report = await doctor(world, true)
  expect(found(report, 'credentials')).toMatchObject([{ state: 'skipped' }])
  expect(found(report, 'clock')).toEqual([])
  expect(world.source.requests).toHaveLength(before)
})

test('what is wrong with a source is told with its remedy, and hides nothing else', async () => {
  const world = await openWorld('duckdb', { currency: 'CNY', zone: 'Asia/Shanghai' })
  const { source, services, env, workspace } = world
  const { id } = (await connect(world)).connection
  source.deals.push({ id: 'D3', amount: 'much', currency: 'XXX' })
  source.faults.set('/companies', { status: 403, body: { code: 'missing_scope' } })
  source.left = 50
  source.ahead = 120_000
  await services.sync({ id, full: false }, QUIET)
  const report = await doctor(world)
  expect(report.ok).toBe(true)
  expect(states(report)).toEqual(
    expect.arrayContaining([
      'clock warn',
      'currency warn',
      'zone warn',
      'quota warn',
      'scopes ok',
      'drift warn',
      'quarantine warn',
    ]),
  )
  expect(found(report, 'drift')[0]!.message).toContain('deals.currency (retyped)')
  expect(found(report, 'quarantine')[0]).toMatchObject({ message: expect.stringMatching(/^1 records.*deals D3/) })
  expect(found(report, 'rates')).toMatchObject([
    { subject: 'fx_missing_deals', state: 'warn', message: expect.stringMatching(/^2 won deals/) },
  ])
  for (const { state, remedy } of report.checks) if (state === 'warn' || state === 'fail') expect(remedy).toBeTruthy()

  source.token = 'another-token-1'
  source.ahead = 0
  await services.sync({ id, full: false }, QUIET)
  const refused = await doctor(world)
  expect(refused.ok).toBe(false)
  expect(states(refused)).toEqual(expect.arrayContaining(['credentials fail', 'run fail', 'reconciliation ok']))
  expect(found(refused, 'credentials')[0]!.remedy).toContain('roi-panel connect acme')

  await env.state.changeConnection(id, {
    state: 'active',
    startedAt: new Date(Date.now() - 86_400_000),
    finishedAt: new Date(0),
  })
  expect(found(await doctor(world, true), 'run')).toMatchObject([
    { state: 'warn', remedy: `Run: roi-panel sync ${id}` },
  ])
  expect(workspace.key).toBe('main')
})

test('a limit that is reached is no wrong credential', async () => {
  const world = await openWorld()
  await connect(world)
  world.source.faults.set('/me', { status: 429, body: { code: 'daily' } })
  const report = await doctor(world)
  expect(report.ok).toBe(true)
  expect(found(report, 'quota')).toMatchObject([{ state: 'warn', remedy: expect.stringContaining('by itself') }])
})

test('open files, interrupted imports and a check that breaks', async () => {
  const world = await openWorld()
  const { env, workspace } = world
  await connect(world)
  await writeFile(join(env.dataDir, 'owner.json'), '{}')
  await chmod(join(env.dataDir, 'owner.json'), 0o644)
  const broken = { signal: AbortSignal.abort() }
  await importTexts(
    { env, workspace, folder: env.dataDir },
    { 'costs.csv': 'cost_id,date,amount,category\nF1,2026-01-01,1,ads\nF2,x,1,ads\n' },
  )
  await importTexts({ env, workspace, folder: env.dataDir }, { 'deals.csv': 'deal_id,amount\nD1,1\n' }, broken).catch(
    () => {},
  )
  const run = await env.state.startImport(workspace.tenant, {
    fingerprint: 'f',
    options: { zone: 'UTC', currency: 'EUR' },
    files: [],
  })
  await env.state.endImport(run.id, { status: 'interrupted' })
  world.sources.check = async () => {
    throw new TypeError('SELECT secret')
  }
  const report = await doctor(world)
  expect(found(report, 'keys')).toMatchObject([
    { state: 'warn', remedy: expect.stringContaining('chmod 600 owner.json') },
  ])
  expect(found(report, 'imports')).toMatchObject([{ subject: run.id, state: 'warn' }])
  expect(found(report, 'connection')).toMatchObject([{ state: 'fail', subject: 'Acme GmbH' }])
  expect(JSON.stringify(report)).not.toContain('SELECT')
  expect(world.logged.map(([message]) => message)).toContain('a check of the doctor failed')
})

test('versions are compared by their numbers', () => {
  expect(isAtLeast('22.20.1', '>=22.20')).toBe(true)
  expect(isAtLeast('24.3.0', '>=22.20')).toBe(true)
  expect(isAtLeast('22.9.0', '>=22.20')).toBe(false)
})

test('webhooks are said to be taken where they can be checked', () => {
  const place = { publicUrl: 'https://roi.example.com', connectors: ['hubspot'] }
  expect(webhookCheck(place)).toMatchObject({
    state: 'ok',
    message: { en: expect.stringContaining('https://roi.example.com/webhooks/hubspot') },
  })
  for (const missing of [
    { ...place, publicUrl: undefined },
    { ...place, connectors: [] },
  ]) {
    expect(webhookCheck(missing)).toMatchObject({
      state: 'skipped',
      remedy: { en: expect.stringContaining('ROI_PANEL_PUBLIC_URL') },
    })
  }
})
