import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { isRoiError } from '../src/errors.ts'
import type { ImportEnv } from '../src/sync/import.ts'
import { finishInterrupted, rebuild, undoImport } from '../src/sync/rebuild.ts'
import { dump, importTexts, openPlace, type Place, type Texts, world } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'
import { times } from './support/thorough.ts'

const COSTS = 'cost_id,date,amount,category\n'

/** Steps of a history in which later imports change, repeat and replace what earlier ones brought. */
type Step = readonly [Texts, { replace?: { from: string; to: string } }?]

function history(): Step[] {
  const [a, b, c] = [world(11), world(12), world(13)]
  const february = { replace: { from: '2026-02-01', to: '2026-03-01' } }
  return [
    [a],
    [{ 'touches.csv': b['touches.csv']!, 'deals.csv': b['deals.csv']!, 'contacts.csv': b['contacts.csv']! }],
    [{ 'costs.csv': b['costs.csv']! }, february],
    [{ 'costs.csv': `${COSTS}N1,2026-02-03,7,ads\nF1,2026-02-04,8,event\n`, 'touches.csv': c['touches.csv']! }],
    [{ 'touches.csv': a['touches.csv']! }, february],
    [{ 'deals.csv': a['deals.csv']!, 'campaigns.csv': c['campaigns.csv']! }],
  ]
}

async function play(place: Place, steps: readonly Step[]): Promise<string[]> {
  const ids: string[] = []
  for (const [texts, options] of steps) ids.push((await importTexts(place, texts, options)).id)
  return ids
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isRoiError(error)) return error.code
  throw error ?? new Error('no failure')
}

/** The same store, whose `count`th write transaction from now on fails as if the program had been killed before it. */
function failing(env: ImportEnv, count: number): ImportEnv {
  let left = count
  const database: Database = Object.create(env.database, {
    write: {
      value: (work: Parameters<Database['write']>[0]) => {
        left -= 1
        return left <= 0 ? Promise.reject(new Error('killed')) : env.database.write(work)
      },
    },
  })
  return { ...env, database }
}

async function statuses({ env }: Place): Promise<string[]> {
  return (await env.state.imports(1)).map(({ status }) => status)
}

describe.each(ENGINES)('undo and rebuild on %s', (engine) => {
  test('an undone import leaves what there would be without it, whichever it was', async () => {
    const steps = history()
    for (const undone of [...steps.keys()].slice(0, times(3, 6))) {
      const [place, without] = [await openPlace(engine), await openPlace(engine)]
      const ids = await play(place, steps)
      await play(without, steps.toSpliced(undone, 1))
      const { id } = await undoImport(place.env, place.workspace, ids[undone]!)
      expect(id).toBe(ids[undone])
      expect(await dump(place.env), `undoing import ${undone}`).toEqual(await dump(without.env))
    }
  }, 120_000)

  test('undoing every import in any order leaves nothing', async () => {
    const place = await openPlace(engine)
    const empty = await dump(place.env)
    const ids = await play(place, history())
    for (const at of [2, 5, 0, 4, 1, 3]) await undoImport(place.env, place.workspace, ids[at]!)
    expect(await dump(place.env)).toEqual(empty)
    expect(new Set(await statuses(place))).toEqual(new Set(['undone']))
    expect(await place.env.state.dataAt(1)).toBeNull()
  }, 60_000)

  test('it says how many rows went and how many went back', async () => {
    const place = await openPlace(engine)
    await importTexts(place, { 'costs.csv': `${COSTS}F1,2026-01-01,1,ads\nF2,2026-01-01,2,ads\n` })
    const { id } = await importTexts(place, { 'costs.csv': `${COSTS}F2,2026-01-01,9,ads\nF3,2026-01-01,3,ads\n` })
    expect(await undoImport(place.env, place.workspace, id)).toEqual({ id, removed: 1, restored: 1 })
  })

  test('an undo that is cut off anywhere is finished by the next start', async () => {
    const steps = history().slice(0, 4)
    const without = await openPlace(engine)
    await play(without, steps.toSpliced(1, 1))
    const expected = await dump(without.env)
    for (const writes of [7, 4, 2, 6, 1].slice(0, times(2, 5))) {
      const place = await openPlace(engine)
      const ids = await play(place, steps)
      const cut = undoImport(failing(place.env, writes), place.workspace, ids[1]!)
      await expect(cut, `write ${writes}`).rejects.toThrow('killed')
      expect(await statuses(place)).toEqual(['done', 'undoing', 'done', 'done'])
      const finished = await finishInterrupted(place.env)
      expect(finished).toEqual({ interrupted: [], undone: [ids[1]], rebuilt: [], busy: [], failures: [] })
      expect(await dump(place.env)).toEqual(expected)
      expect(await statuses(place)).toEqual(['done', 'undone', 'done', 'done'])
    }
  }, 120_000)

  test('facts rebuilt from kept files equal those that were imported', async () => {
    const place = await openPlace(engine)
    const ids = await play(place, history())
    await undoImport(place.env, place.workspace, ids[3]!)
    const before = await dump(place.env)
    const records = await rebuild(place.env, place.workspace)
    expect(records).toBeGreaterThan(300)
    expect(await dump(place.env)).toEqual(before)
  }, 60_000)

  test('a lost or half rebuilt fact store is rebuilt at the next start, an intact one is left alone', async () => {
    const place = await openPlace(engine)
    await play(place, history())
    const before = await dump(place.env)
    expect((await finishInterrupted(place.env)).rebuilt).toEqual([])

    const lost = await openPlace(engine)
    const env = { ...place.env, database: lost.env.database }
    expect(await finishInterrupted(env)).toEqual({
      interrupted: [],
      undone: [],
      rebuilt: ['main'],
      busy: [],
      failures: [],
    })
    expect(await dump(env)).toEqual(before)

    await expect(rebuild(failing(place.env, 4), place.workspace)).rejects.toThrow('killed')
    expect((await dump(place.env)).touch).not.toEqual(before.touch)
    expect((await finishInterrupted(place.env)).rebuilt).toEqual(['main'])
    expect(await dump(place.env)).toEqual(before)
  }, 60_000)

  test('zone and currency of a replay are those of its time', async () => {
    const place = await openPlace(engine, { zone: 'Asia/Shanghai', currency: 'USD' })
    const { id } = await importTexts(place, { 'costs.csv': `${COSTS}F1,2026-01-01,1,ads\n` })
    await importTexts(place, { 'deals.csv': 'deal_id,amount,created_at\nD1,5,2026-01-01\n' })
    const { state } = place.env
    await state.changeSetting(1, 'zone', 'America/New_York')
    await state.changeSetting(1, 'currency', 'EUR')
    const moved = { ...place, workspace: await state.openWorkspace('main') }
    await rebuild(moved.env, moved.workspace)
    const deals = await place.env.database.query('SELECT currency, created_at FROM deal')
    expect(deals).toEqual([{ currency: 'USD', created_at: Date.UTC(2025, 11, 31, 16) }])
    await undoImport(moved.env, moved.workspace, id)
    expect((await dump(moved.env)).cost).toEqual([])
  })
})

test('what cannot be undone says so', async () => {
  const place = await openPlace('duckdb')
  const { id } = await importTexts(place, { 'costs.csv': `${COSTS}F1,2026-01-01,1,ads\n` })
  expect(await failure(undoImport(place.env, place.workspace, 'imp_0'))).toBe('unknown_import')
  const other = await place.env.state.openWorkspace('other')
  expect(await failure(undoImport(place.env, other, id))).toBe('unknown_import')
  await undoImport(place.env, place.workspace, id)
  expect(await failure(undoImport(place.env, place.workspace, id))).toBe('already_undone')
})

test('a kept file that is gone or damaged stops a rebuild before it changes anything', async () => {
  const place = await openPlace('duckdb')
  await importTexts(place, { 'costs.csv': `${COSTS}F1,2026-01-01,1,ads\n` })
  const { id } = await importTexts(place, { 'costs.csv': `${COSTS}F2,2026-01-01,2,ads\n` })
  const before = await dump(place.env)
  const [first] = await place.env.state.imports(1)
  const path = join(place.folder, 'files', first!.files[0]!.sha256)
  await writeFile(path, 'changed')
  expect(await failure(rebuild(place.env, place.workspace))).toBe('kept_file_damaged')
  expect(await failure(undoImport(place.env, place.workspace, id))).toBe('kept_file_damaged')
  await rm(path)
  expect(await failure(rebuild(place.env, place.workspace))).toBe('kept_file_missing')
  expect(await dump(place.env)).toEqual(before)
  expect(await statuses(place)).toEqual(['done', 'done'])
})

test('a start marks imports that were running, and sweeps copies that nothing refers to', async () => {
  const place = await openPlace('duckdb')
  await importTexts(place, { 'costs.csv': `${COSTS}F1,2026-01-01,1,ads\n` })
  const options = { zone: 'UTC', currency: 'CNY' }
  const run = await place.env.state.startImport(1, { fingerprint: 'x', options, files: [] })
  const folder = join(place.folder, 'files')
  const kept = await readdir(folder)
  for (const name of ['.part-0123', '0'.repeat(64), 'notes.txt']) await writeFile(join(folder, name), 'x')
  expect((await finishInterrupted(place.env)).interrupted).toEqual([run.id])
  expect(await statuses(place)).toEqual(['done', 'interrupted'])
  expect(await readdir(folder)).toEqual([...kept, 'notes.txt'].sort())
})
