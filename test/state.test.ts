import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { parseSetting, SETTING_KEYS } from '../src/state/settings.ts'
import { openState } from '../src/state/sqlite.ts'
import { MAX_REJECTS, type RejectedRow, type State } from '../src/state/state.ts'
import { ENGINES, openStateAt, type StatePlace, statePlace, temporaryFolder } from './support/databases.ts'

async function open(place: StatePlace, now?: () => Date): Promise<State> {
  const state = await openStateAt(place, now)
  onTestFinished(() => state.close())
  return state
}

function failure(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (isRoiError(error)) {
      for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(10)
      return error.code
    }
    throw error
  }
  throw new Error('no failure')
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason)
  return isRoiError(error) ? error.code : `no failure: ${String(error)}`
}

describe.each(ENGINES)('workspaces on %s', (engine) => {
  const fresh = async (now?: () => Date) => open(await statePlace(engine), now)

  test('a workspace is made on first use and keeps its number and title', async () => {
    const place = await statePlace(engine)
    const state = await open(place)
    expect(await state.findWorkspace('main')).toBeUndefined()
    const [main, other] = [await state.openWorkspace('main'), await state.openWorkspace('demo-a', 'Demo A')]
    expect([main.tenant, other.tenant]).toEqual([1, 2])
    expect(main).toMatchObject({ key: 'main', title: 'main', settings: { currency: 'CNY', lookback_days: 365 } })
    await state.close()
    const again = await open(place)
    expect(await again.openWorkspace('demo-a', 'ignored')).toEqual(other)
    expect((await again.workspaces()).map(({ key }) => key)).toEqual(['main', 'demo-a'])
  })

  test('two openings at once make one workspace', async () => {
    const state = await fresh()
    const made = await Promise.all(Array.from({ length: 5 }, () => state.openWorkspace('main')))
    expect(new Set(made.map(({ tenant }) => tenant))).toEqual(new Set([1]))
  })

  test.each(['', 'Main', '-a', '_a', 'a b', 'a/b', '../x', 'a'.repeat(64), 'ä'])('%j cannot be a key', async (key) => {
    expect(await rejection((await fresh()).openWorkspace(key))).toBe('bad_workspace_key')
  })
})

describe.each(ENGINES)('settings on %s', (engine) => {
  const fresh = async (now?: () => Date) => open(await statePlace(engine), now)

  test('a change is kept, audited with both values, and takes nothing else along', async () => {
    let clock = 0
    const state = await fresh(() => new Date(Date.UTC(2026, 0, ++clock)))
    const [{ tenant }, other] = [await state.openWorkspace('main'), await state.openWorkspace('other')]
    expect(await state.changeSetting(tenant, 'currency', 'USD')).toBe(true)
    expect(await state.changeSetting(tenant, 'currency', 'USD')).toBe(false)
    expect(await state.changeSetting(tenant, 'lookback_days', null)).toBe(true)
    expect(await state.changeSetting(tenant, 'currency', undefined)).toBe(true)
    const { settings } = await state.openWorkspace('main')
    expect(settings).toMatchObject({ currency: 'CNY', lookback_days: null, half_life_days: 7 })
    expect(await state.audit(tenant)).toMatchObject([
      { action: 'setting', subject: 'currency', before: 'USD', after: null },
      { subject: 'lookback_days', before: null, after: null },
      { subject: 'currency', before: null, after: 'USD' },
    ])
    const times = (await state.audit(tenant)).map(({ at }) => at.getTime())
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect((await state.openWorkspace('other')).settings).toEqual(other.settings)
    expect(await state.audit(other.tenant)).toEqual([])
    expect(await state.audit(tenant, 1)).toHaveLength(1)
  })

  test('an impossible value changes nothing', async () => {
    const state = await fresh()
    const { tenant, settings } = await state.openWorkspace('main')
    for (const [key, value] of [
      ['currency', 'XXZ'],
      ['zone', 'Mars/Base'],
      ['lookback_days', 0],
      ['half_life_days', Number.NaN],
      ['custom_weights', { first: 1, middle: 1 }],
      ['direct_channels', 'direct'],
    ] as const) {
      expect(await rejection(state.changeSetting(tenant, key, value)), key).toBe('bad_setting')
    }
    expect((await state.openWorkspace('main')).settings).toEqual(settings)
    expect(await state.audit(tenant)).toEqual([])
  })

  test.each([
    ['currency', ' usd ', 'USD'],
    ['zone', 'Europe/Berlin', 'Europe/Berlin'],
    ['lookback_days', 'none', null],
    ['lookback_days', '不限', null],
    ['lookback_days', '90', 90],
    ['half_life_days', '3.5', 3.5],
    ['locale', 'en', 'en'],
    ['fiscal_start', '4', 4],
    ['direct_channels', 'a, b，c', ['a', 'b', 'c']],
    ['direct_channels', '["a,b"]', ['a,b']],
    ['model', 'time_decay', 'time_decay'],
    ['custom_weights', '{"first":1,"middle":2,"last":3}', { first: 1, middle: 2, last: 3, channels: {} }],
    ['channel_rules', 'default', null],
    [
      'channel_rules',
      '[{"channel":"x","when":[{"field":"kind","is":["y"]}]}]',
      [{ channel: 'x', when: [{ field: 'kind', is: ['y'] }] }],
    ],
  ])('%s reads %j', (key, text, value) => {
    expect(parseSetting(key, text)).toEqual({ key, value })
  })

  test.each([
    ['currency', 'yuan'],
    ['zone', ''],
    ['lookback_days', 'all'],
    ['lookback_days', '1.5'],
    ['lookback_days', '0x10'],
    ['half_life_days', '0'],
    ['locale', 'de'],
    ['fiscal_start', '13'],
    ['direct_channels', '[1]'],
    ['model', 'best'],
    ['custom_weights', '{"first":'],
    ['custom_weights', '{"first":-1,"middle":0,"last":0}'],
    ['channel_rules', '[{"channel":"x","when":[]}]'],
  ])('%s refuses %j and says what is allowed', (key, text) => {
    expect(failure(() => parseSetting(key, text))).toBe('bad_setting')
  })

  test('an unknown setting is answered with all that there are', () => {
    expect(failure(() => parseSetting('curency', 'CNY'))).toBe('unknown_setting')
    expect(failure(() => parseSetting('__proto__', 'x'))).toBe('unknown_setting')
    expect(SETTING_KEYS).toContain('direct_channels')
  })
})

const START = { fingerprint: 'f', options: { zone: 'UTC', currency: 'CNY' }, files: [] }
const FILE = {
  sha256: 'a'.repeat(64),
  name: 'costs.csv',
  type: 'costs',
  mapping: { columns: { date: 'Wann' } },
  dateFormat: 'D/M/YYYY',
  size: 12,
  replace: { from: '2026-01-01', to: '2026-02-01' },
}

describe.each(ENGINES)('imports on %s', (engine) => {
  const fresh = async (now?: () => Date) => open(await statePlace(engine), now)

  test('an import is remembered as it was given', async () => {
    const state = await fresh()
    const { tenant } = await state.openWorkspace('main')
    const plain = { ...FILE, mapping: undefined, dateFormat: undefined, replace: undefined }
    const run = await state.startImport(tenant, { ...START, files: [FILE, plain] })
    expect(run).toMatchObject({ status: 'running', continued: false, finishedAt: null, files: [FILE, plain] })
    expect(await state.dataAt(tenant)).toBeNull()
    await state.endImport(run.id, { status: 'done', result: { files: 2 }, counts: [] })
    const found = await state.findImport(tenant, run.id)
    expect(found).toMatchObject({ status: 'done', result: { files: 2 } })
    expect(await state.dataAt(tenant)).toEqual(found!.finishedAt)
    expect(await state.keptFiles()).toEqual(new Set([FILE.sha256]))
    expect(await state.findImport(tenant + 1, run.id)).toBeUndefined()
  })

  test('an unfinished import is continued under its id and takes effect anew, a finished one is not', async () => {
    const state = await fresh()
    const { tenant } = await state.openWorkspace('main')
    const other = await state.openWorkspace('other')
    const cut = await state.startImport(tenant, START)
    await state.addRejects(tenant, cut.id, '1/costs', [reject(1)])
    const later = await state.startImport(tenant, { ...START, fingerprint: 'g' })
    expect((await state.startImport(other.tenant, START)).id).not.toBe(cut.id)
    const again = await state.startImport(tenant, START)
    expect([again.id, again.continued]).toEqual([cut.id, true])
    expect(await state.rejects(tenant, cut.id)).toEqual([])
    expect((await state.imports(tenant)).map(({ id }) => id)).toEqual([later.id, cut.id])
    await state.endImport(cut.id, { status: 'done' })
    expect((await state.startImport(tenant, START)).id).not.toBe(cut.id)
  })

  test('ids sort by creation even when the clock goes back', async () => {
    let ticks = 0
    const state = await fresh(() => new Date(Date.UTC(2026, 0, 1) - ++ticks * 60_000))
    const { tenant } = await state.openWorkspace('main')
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push((await state.startImport(tenant, { ...START, fingerprint: String(i) })).id)
    expect(ids).toEqual(ids.toSorted())
    for (const id of ids) expect(id).toMatch(/^imp_[0-9a-z]{17}$/)
  })

  test('refused rows are kept up to a limit, in order, each origin by itself', async () => {
    const state = await fresh()
    const { tenant } = await state.openWorkspace('main')
    for (let i = 0; i < 12; i++) {
      await state.addRejects(
        tenant,
        'imp_1',
        '1/costs',
        Array.from({ length: 1000 }, (_, n) => reject(i * 1000 + n)),
      )
    }
    await state.addRejects(tenant, 'hubspot:1', 'deals', [{ ...reject(7), where: { id: 'D7' } }])
    const kept = await state.rejects(tenant, 'imp_1', { limit: 20_000, offset: 0 })
    expect(kept).toHaveLength(MAX_REJECTS)
    expect(kept.at(-1)).toEqual({ part: '1/costs', ...reject(MAX_REJECTS - 1) })
    expect(await state.rejects(tenant, 'imp_1', { limit: 2, offset: 5 })).toMatchObject([
      { where: { line: 5 } },
      { where: { line: 6 } },
    ])
    expect(await state.rejects(tenant, 'hubspot:1')).toMatchObject([{ part: 'deals', where: { id: 'D7' } }])
    expect(await state.rejects(tenant + 1, 'imp_1')).toEqual([])
  })
})

function reject(line: number): RejectedRow {
  return {
    where: { line, column: 'date' },
    code: 'bad_date',
    message: { en: 'bad', 'zh-CN': '错误' },
    raw: `row ${line}`,
  }
}

describe('the file', () => {
  const openAt = (folder: string) => {
    const state = openState(folder)
    onTestFinished(() => state.close())
    return state
  }

  test('only its owner may read it, also what is not yet checkpointed', async () => {
    const folder = await temporaryFolder()
    const state = openAt(folder)
    await state.openWorkspace('main')
    for (const name of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm']) {
      expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600)
    }
  })

  test('one of a newer program is refused and left byte for byte as it is', async () => {
    const folder = await temporaryFolder()
    await openAt(folder).close()
    const path = join(folder, 'state.sqlite')
    const database = new DatabaseSync(path)
    database.exec(`PRAGMA journal_mode = DELETE; INSERT INTO schema_version VALUES (999, 'later')`)
    database.close()
    const before = await readFile(path)
    expect(failure(() => openState(folder))).toBe('store_too_new')
    expect((await readFile(path)).equals(before)).toBe(true)
  })

  test('one that is no database is reported, not replaced', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'state.sqlite'), 'this is no database, but long enough to look like one'.repeat(100))
    expect(failure(() => openState(folder))).toBe('state_damaged')
  })

  test('one that another process writes to is reported as busy; it works again afterwards', async () => {
    const folder = await temporaryFolder()
    const state = openAt(folder)
    const other = new DatabaseSync(join(folder, 'state.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    expect(await rejection(state.openWorkspace('main'))).toBe('state_busy')
    other.exec('ROLLBACK')
    other.close()
    expect((await state.openWorkspace('main')).tenant).toBe(1)
  }, 20_000)

  test('a failed transaction leaves nothing, and the next one works', async () => {
    const state = openAt(await temporaryFolder())
    const { tenant } = await state.openWorkspace('main')
    const files = [FILE, { ...FILE, sha256: null as unknown as string }]
    await expect(state.startImport(tenant, { ...START, files })).rejects.toThrow()
    expect(await state.imports(tenant)).toEqual([])
    await state.startImport(tenant, START)
    await expect(state.startImport(99, START)).rejects.toThrow(/FOREIGN KEY/)
    expect(await state.imports(tenant)).toHaveLength(1)
  })
})
