import { describe, expect, test } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { rebuild, undoImport } from '../src/sync/rebuild.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { erase, ledger, readPage, type Stores, tablesHolding } from './erase-kit.ts'
import { importTexts, openPlace, type Place, world } from './import-kit.ts'
import { ENGINES, type Engine, openTestDatabase } from './support/databases.ts'

/** What imports, undo and rebuild make of people who were erased: of those of files, and of those of a CRM. */

const storesOf = ({ env, workspace }: Place, source: string): Stores => ({ ...env, workspace, source })

async function recomputed({ env, workspace }: Place): Promise<void> {
  await recompute(env.database, workspace.tenant, attributionSettings(workspace.settings))
}

/** A place with the files of a small world, whose contacts C10 and C11 were erased. */
async function erased(engine: Engine) {
  const place = await openPlace(engine)
  const texts = world(3)
  const run = await importTexts(place, texts)
  const before = await ledger(storesOf(place, 'files'))
  await erase(storesOf(place, 'files'), 'C10', 'C11')
  await recomputed(place)
  return { place, texts, run, before }
}

const FINDING = { code: 'erased_person' }
const PERSONAL = ['p10@example.com', 'p11@example.com', '13800000010', '13800000011']

describe.each(ENGINES)('people of files who were erased, on %s', (engine) => {
  test('stay it when the files are imported again, and the import says so', async () => {
    const { place, texts, before } = await erased(engine)
    expect(await ledger(storesOf(place, 'files'))).toEqual(before)
    expect(await tablesHolding(place, PERSONAL)).toEqual([])
    const rehearsal = await importTexts(place, texts, { dryRun: true })
    const again = await importTexts(place, texts)
    for (const { files } of [rehearsal, again]) {
      expect(files.find(({ type }) => type === 'contacts')?.findings).toContainEqual(
        expect.objectContaining({ ...FINDING, count: 2 }),
      )
      expect(files.find(({ type }) => type === 'contacts')).toMatchObject({ imported: 0, unchanged: 40 })
    }
    expect(await ledger(storesOf(place, 'files'))).toEqual(before)
    expect(await tablesHolding(place, PERSONAL)).toEqual([])
  })

  test('stay it when everything is replayed, in the same facts or in new ones', async () => {
    const { place, before } = await erased(engine)
    const said: string[] = []
    const log = (message: string, details?: object) => said.push(`${message} ${JSON.stringify(details)}`)
    await rebuild({ ...place.env, log }, place.workspace)
    expect(said.filter((line) => line.includes('erased for privacy'))).not.toEqual([])
    expect(await ledger(storesOf(place, 'files'))).toEqual(before)
    expect(await tablesHolding(place, PERSONAL)).toEqual([])
    // The way of a start that finds a new fact store is the start's own.
    const fresh = await openTestDatabase(engine)
    const restored = { ...place, env: { ...place.env, database: fresh } }
    const { finishInterrupted } = await import('../src/sync/rebuild.ts')
    expect((await finishInterrupted(restored.env)).rebuilt).toEqual(['main'])
    expect(await ledger(storesOf(restored, 'files'))).toEqual(before)
    expect(await tablesHolding(restored, PERSONAL)).toEqual([])
  })

  test('go with the import that brought them', async () => {
    const { place, run } = await erased(engine)
    await undoImport(place.env, place.workspace, run.id)
    expect(await place.env.database.query('SELECT id FROM contact WHERE tenant_id = 1')).toEqual([])
    expect((await ledger(storesOf(place, 'files'))).outcome).toEqual([])
  })
})

test('a person whom a CRM erased is left in the files that hold him: they are whoever uploaded them', async () => {
  const place = await openPlace('duckdb')
  await importTexts(place, world(3))
  const crm = storesOf(place, 'crm')
  const contact: AnyRecord = { type: 'contact', id: '7', createdAt: new Date(0), email: 'p1@example.com', name: 'Ada' }
  await readPage(crm, { records: [contact] })
  await recomputed(place)
  const before = await ledger(crm)
  await erase(crm, '7')
  await recomputed(place)
  // One person by what was known of both: that stays, without the address in the stand-in.
  expect(await ledger(crm)).toEqual(before)
  expect(await tablesHolding(place, ['"ada"', ', ada,'])).toEqual([])
  await rebuild(place.env, place.workspace)
  expect(await ledger(crm)).toEqual(before)
  const [row] = await place.env.database.query("SELECT email FROM contact WHERE source = 'files' AND source_id = 'C1'")
  expect(row).toEqual({ email: 'p1@example.com' })
})
