import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ImportResult } from '../src/api.ts'
import { recompute } from '../src/attribution/recompute.ts'
import { isRoiError } from '../src/errors.ts'
import { applyChannelSettings } from '../src/sync/channel-settings.ts'
import { type ImportProgress, importFiles } from '../src/sync/import.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { counts, dump, folderOf, importTexts, openPlace, type Place, stateTrace, world } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'

/** The code of the failure a promise ends in. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isRoiError(error)) return error.code
  throw error ?? new Error('no failure')
}

async function column(place: Place, table: string, name: string): Promise<unknown[]> {
  const rows = await place.env.database.query(`SELECT ${name} AS v FROM ${table} ORDER BY source_id`)
  return rows.map((row) => row.v)
}

describe.each(ENGINES)('import on %s', (engine) => {
  test('a directory is read whole, its answer fits the API, and importing it again changes nothing', async () => {
    const place = await openPlace(engine)
    const folder = await folderOf({ ...world(), 'notes.md': 'hello', 'other.csv': 'a,b\n1,2\n' })
    const progress: ImportProgress[] = []
    const request = { inputs: [{ path: folder }], locale: 'zh-CN' as const }
    const first = await importFiles(place.env, place.workspace, request, (step) => progress.push(step))
    expect(ImportResult.parse(first)).toEqual(first)
    expect(first.files.map(({ file, type }) => [file, type])).toEqual([
      ['campaigns.csv', 'campaigns'],
      ['accounts.csv', 'accounts'],
      ['contacts.csv', 'contacts'],
      ['touches.csv', 'touches'],
      ['costs.csv', 'costs'],
      ['deals.csv', 'deals'],
      ['payments.csv', 'payments'],
      ['notes.md', ''],
      ['other.csv', ''],
    ])
    for (const file of first.files) expect(file.rows).toBe(file.imported)
    expect(first.files.at(-1)!.findings[0]!.message).toMatch(/跳过/)
    expect(progress.at(-1)!.step).toBe('recompute')
    expect(progress.every(({ fraction }) => fraction! >= 0 && fraction! <= 1)).toBe(true)

    const before = await dump(place.env)
    expect(before.credit!.length).toBeGreaterThan(100)
    const second = await importFiles(place.env, place.workspace, request)
    for (const file of second.files) expect([file.imported, file.unchanged]).toEqual([0, file.rows])
    expect(await dump(place.env)).toEqual(before)
    expect(second.id > first.id).toBe(true)
  })

  test('the order in which files arrive changes nothing', async () => {
    const texts = world(3)
    const [forward, backward] = [await openPlace(engine), await openPlace(engine)]
    for (const name of Object.keys(texts)) await importTexts(forward, { [name]: texts[name]! })
    for (const name of Object.keys(texts).reverse()) await importTexts(backward, { [name]: texts[name]! })
    expect(await dump(backward.env)).toEqual(await dump(forward.env))
  })

  test('a few records more end in the ledger that recomputing everything gives', async () => {
    const place = await openPlace(engine)
    const texts = world(21, 10)
    const few = texts['payments.csv']!.split('\n').slice(0, 12).join('\n')
    await importTexts(place, { ...texts, 'payments.csv': texts['payments.csv']!.split('\n')[0]! })
    await importTexts(place, { 'payments.csv': few })
    const incremental = await dump(place.env)
    await recompute(place.env.database, 1, attributionSettings(place.workspace.settings), true)
    expect(await dump(place.env)).toEqual(incremental)
  })

  test('a record is known again by its id and replaced when it changed', async () => {
    const place = await openPlace(engine)
    await importTexts(place, { 'accounts.csv': 'account_id,name\nA1,Old\nA2,Same\n' })
    const result = await importTexts(place, { 'accounts.csv': 'account_id,name\nA1,New\nA2,Same\nA3,Third\n' })
    expect(counts(result)).toEqual({ rows: 3, imported: 2, unchanged: 1, rejected_count: 0 })
    expect(await column(place, 'account', 'name')).toEqual(['New', 'Same', 'Third'])
  })

  test('a bad row is named and kept aside, the good ones go in', async () => {
    const place = await openPlace(engine)
    const rows = Array.from({ length: 1500 }, (_, i) => `bad${i},not a date,1,ads`)
    const text = `cost_id,date,amount,category\nF1,2026-01-01,10,ads\n${rows.join('\n')}\nF2,2026-01-02,9e99,ads\n`
    const result = await importTexts(place, { 'costs.csv': text })
    expect(counts(result)).toEqual({ rows: 1502, imported: 1, unchanged: 0, rejected_count: 1501 })
    const { rejected } = result.files[0]!
    expect(rejected).toHaveLength(1000)
    expect(rejected[0]).toMatchObject({ line: 3, column: 'date', code: 'bad_date' })
    const kept = await place.env.state.rejects(1, result.id, { limit: 10_000, offset: 0 })
    expect(kept).toHaveLength(1501)
    expect(kept[0]).toMatchObject({ part: '1/costs', where: { line: 3, column: 'date' }, code: 'bad_date' })
    expect(kept[0]!.raw).toBe('bad0,not a date,1,ads')
    expect(kept[0]!.message['zh-CN']).toMatch(/日期/)
  })

  test('a dry run tells what would happen and writes nothing', async () => {
    const place = await openPlace(engine)
    await importTexts(place, { 'accounts.csv': 'account_id,name\nA1,Old\nA2,Same\n' })
    const before = { facts: await dump(place.env), files: await readdir(place.folder, { recursive: true }) }
    const imports = await place.env.state.imports(1)
    const state = await stateTrace(place)
    const text = 'account_id,name\nA1,New\nA2,Same\nA3,Third\n,Nameless\n'
    for (const inputs of [
      [{ name: 'accounts.csv', stream: Readable.from([Buffer.from(text)]) }],
      [{ path: join(await folderOf({ 'accounts.csv': text }), 'accounts.csv') }],
    ]) {
      const result = await importFiles(place.env, place.workspace, { inputs, locale: 'en', dryRun: true })
      expect(result).toMatchObject({ dry_run: true })
      expect(counts(result)).toEqual({ rows: 4, imported: 2, unchanged: 1, rejected_count: 1 })
      expect(result.files[0]!.rejected[0]).toMatchObject({ line: 5, column: 'account_id' })
    }
    expect({ facts: await dump(place.env), files: await readdir(place.folder, { recursive: true }) }).toEqual(before)
    expect(await place.env.state.imports(1)).toEqual(imports)
    expect(await stateTrace(place)).toBe(state)
  })

  test('nothing is written when one file of several cannot be read as a whole', async () => {
    const place = await openPlace(engine)
    const good = { 'accounts.csv': 'account_id,name\nA1,One\n' }
    const cases: [string, string, string][] = [
      ['deals.csv', 'name,amount\nx,2\n', 'missing_column'],
      ['costs.csv', 'date,amount,category\n01/02/2026,5,ads\n', 'ambiguous_dates'],
      ['strange.csv', 'a,b\n1,2\n', 'unknown_type'],
    ]
    for (const [name, text, code] of cases) {
      const error = await importTexts(place, { ...good, [name]: text }).catch((reason: unknown) => reason)
      if (!isRoiError(error)) throw error
      expect([error.code, error.kind]).toEqual([code, 'usage'])
      expect(error.text.en).toMatch(name)
    }
    expect(await column(place, 'account', 'name')).toEqual([])
    expect(await place.env.state.imports(1)).toEqual([])
  })

  test('a range is replaced by what the files hold, and only in it, and only for dated records', async () => {
    const place = await openPlace(engine, { zone: 'Asia/Shanghai' })
    const head = 'cost_id,date,amount,category\n'
    await importTexts(place, {
      'costs.csv': `${head}F1,2026-01-31,1,ads\nF2,2026-02-01,2,ads\nF3,2026-02-28,3,ads\nF4,2026-03-01,4,ads\n`,
      'touches.csv':
        'touch_id,contact_id,occurred_at,channel\nT1,C1,2026-01-31T15:59:59Z,x\nT2,C1,2026-01-31T16:00:00Z,x\nT3,C1,2026-02-28T16:00:00Z,x\n',
    })
    const replace = { from: '2026-02-01', to: '2026-03-01' }
    const result = await importTexts(
      place,
      { 'costs-a.csv': `${head}F2,2026-02-01,20,ads\n`, 'costs-b.csv': `${head}F5,2026-02-10,5,ads\n` },
      { replace },
    )
    expect(result.files.map(({ deleted }) => deleted)).toEqual([1, 0])
    expect(await column(place, 'cost', 'source_id')).toEqual(['F1', 'F2', 'F4', 'F5'])
    // Days are local: 16:00 UTC is midnight in Shanghai.
    await importTexts(
      place,
      { 'touches.csv': 'touch_id,contact_id,occurred_at,channel\n' },
      { replace, type: 'touches' },
    )
    expect(await column(place, 'touch', 'source_id')).toEqual(['T1', 'T3'])

    const accounts = { 'accounts.csv': 'account_id,name\nA1,One\n' }
    expect(await failure(importTexts(place, accounts, { replace }))).toBe('cannot_replace')
    const costs = { 'costs.csv': `${head}F9,2026-02-01,9,ads\n` }
    expect(await failure(importTexts(place, costs, { replace: { from: '2026-03-01', to: '2026-02-01' } }))).toBe(
      'bad_range',
    )
    expect(await column(place, 'cost', 'source_id')).toEqual(['F1', 'F2', 'F4', 'F5'])
  })

  test('a deal is dated by its close, an open one by its creation', async () => {
    const place = await openPlace(engine)
    const head = 'deal_id,amount,created_at,closed_at,won\n'
    await importTexts(place, {
      'deals.csv': `${head}D1,1,2026-01-05,2026-02-05,yes\nD2,1,2026-02-05,,\nD3,1,2026-02-05,2026-03-05,yes\nD4,1,,,\n`,
    })
    const replace = { from: '2026-02-01', to: '2026-03-01' }
    await importTexts(place, { 'deals.csv': `${head}D9,1,2026-02-06,,\n` }, { replace })
    expect(await column(place, 'deal', 'source_id')).toEqual(['D3', 'D4', 'D9'])
  })

  test('channels follow the settings, also those of touches that are there already', async () => {
    const rules = [{ channel: 'wechat', when: [{ field: 'utm_source' as const, has: ['weixin'] }] }]
    const texts = world(5)
    const place = await openPlace(engine)
    await importTexts(place, texts)
    const { state } = place.env
    await state.changeSetting(1, 'channel_rules', rules)
    await state.changeSetting(1, 'direct_channels', ['Expo'])
    await state.changeSetting(1, 'custom_weights', { first: 1, middle: 1, last: 1, channels: { expo: 2.5 } })
    const changed = await state.openWorkspace('main')
    const recomputed = await applyChannelSettings(place.env, changed)
    expect(recomputed.mode).toBe('all')

    const fresh = await openPlace(engine, changed.settings)
    await importTexts(fresh, texts)
    const expected = await dump(fresh.env)
    expect(await dump(place.env)).toEqual(expected)
    expect(expected.channel!.some((row) => row.includes('"key":"expo","is_direct":true,"custom_factor":2500'))).toBe(
      true,
    )
  })

  test('imports of one workspace wait for each other', async () => {
    const place = await openPlace(engine)
    const texts = ['One', 'Two', 'Three'].map((name) => ({ 'accounts.csv': `account_id,name\nA1,${name}\n` }))
    const results = await Promise.all(texts.map((text) => importTexts(place, text)))
    expect(results.map(({ id }) => id)).toEqual(results.map(({ id }) => id).sort())
    expect(await column(place, 'account', 'name')).toEqual(['Three'])
  })

  test('an import that is cut off is continued, under its id, by the same files', async () => {
    const place = await openPlace(engine)
    const texts = { 'touches.csv': world(7, 60)['touches.csv']! }
    const abort = new AbortController()
    const inputs = [{ name: 'touches.csv', stream: Readable.from([Buffer.from(texts['touches.csv'])]) }]
    const request = { inputs, locale: 'en' as const, signal: abort.signal }
    await expect(importFiles(place.env, place.workspace, request, () => abort.abort())).rejects.toThrow()
    const [cut] = await place.env.state.imports(1)
    expect(cut!.status).toBe('interrupted')
    expect((await dump(place.env)).dirty).toEqual([])

    const result = await importTexts(place, texts)
    expect(result.id).toBe(cut!.id)
    expect(result.files[0]!.unchanged).toBeGreaterThan(0)
    expect((await place.env.state.imports(1)).map(({ status }) => status)).toEqual(['done'])
    const fresh = await openPlace(engine)
    await importTexts(fresh, texts)
    expect(await dump(place.env)).toEqual(await dump(fresh.env))
  })
})

test('what cannot be imported says so', async () => {
  const place = await openPlace('duckdb')
  const from = (path: string) => importFiles(place.env, place.workspace, { inputs: [{ path }], locale: 'en' })
  expect(await failure(from('/no/such/file.csv'))).toBe('file_missing')
  expect(await failure(from(await folderOf({ 'readme.md': 'x' })))).toBe('nothing_to_import')
  expect(await failure(importTexts(place, { 'a.csv': 'a\n1\n' }, { type: 'nonsense' }))).toBe('unknown_type')
  const large = { 'accounts.csv': `account_id,name\n${'A,b\n'.repeat(1000)}` }
  expect(await failure(importTexts(place, large, { limit: 100 }))).toBe('file_too_large')
  expect(await readdir(join(place.folder, 'files'))).toEqual([])
})

test('kept files are named by their content and only their owner may read them', async () => {
  const place = await openPlace('duckdb')
  const text = 'account_id,name\nA1,One\n'
  const folder = await folderOf({})
  const path = join(folder, 'accounts.csv')
  await writeFile(path, text)
  await importFiles(place.env, place.workspace, { inputs: [{ path }], locale: 'en' })
  await importTexts(place, { 'accounts.csv': text })
  const [name, ...others] = await readdir(join(place.folder, 'files'))
  expect(others).toEqual([])
  expect(name).toMatch(/^[0-9a-f]{64}$/)
  const kept = join(place.folder, 'files', name!)
  expect(await readFile(kept, 'utf8')).toBe(text)
  expect((await stat(kept)).mode & 0o777).toBe(0o600)
})

test('a mapping and a date format are used, and remembered for a replay', async () => {
  const place = await openPlace('duckdb')
  const result = await importTexts(
    place,
    { 'x.csv': 'Wann,Wieviel\n1/2/2026,5\n' },
    {
      map: { type: 'costs', columns: { date: 'Wann', amount: 'Wieviel' }, constants: { category: 'ads' } },
      dateFormat: 'D/M/YYYY',
    },
  )
  expect(counts(result)).toEqual({ rows: 1, imported: 1, unchanged: 0, rejected_count: 0 })
  expect(await column(place, 'cost', 'date')).toEqual(['2026-02-01'])
  const [run] = await place.env.state.imports(1)
  expect(run!.files[0]).toMatchObject({ dateFormat: 'D/M/YYYY', mapping: { type: 'costs' } })
})
