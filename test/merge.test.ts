import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import type { Database } from '../src/db/database.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { Settings } from '../src/model/settings.ts'
import { AliasBook, readAliases } from '../src/sync/alias.ts'
import type { Merge, Page } from '../src/sync/contract.ts'
import { OFFLINE } from '../src/sync/contract.ts'
import { syncStream } from '../src/sync/runner.ts'
import { storeSink } from '../src/sync/store.ts'
import { dump } from './import-kit.ts'
import { ENGINES, openStore, openTestDatabase } from './support/databases.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { loadAndRecompute, SETTINGS } from './support/store.ts'
import { times } from './support/thorough.ts'

const ORIGIN = { tenant: 1, source: 'test', settings: Settings.parse({ zone: 'UTC' }) }
const CONTEXT = {
  ...OFFLINE,
  settings: {},
  open: () => Promise.reject(new Error('no files here')),
  signal: new AbortController().signal,
  log() {},
  now: () => new Date(0),
}

/** Reads one page as a run would: with the merges known so far. */
async function readPage(database: Database, page: Partial<Page>): Promise<AliasBook> {
  const aliases = await readAliases(database, 1, 'test')
  await syncStream({
    pull: async function* () {
      yield { records: [], cursor: 'x', ...page }
    },
    context: CONTEXT,
    cursor: null,
    sink: storeSink(database, ORIGIN, { aliases }),
  })
  return aliases
}

function merge(type: 'contact' | 'account' | 'deal', from: string, into: string): Merge {
  return { from: { type, id: from }, into: { type, id: into } }
}

/** What the source would have said had the loser never been another record. */
function asIfOne(records: readonly AnyRecord[], type: string, from: string, into: string): AnyRecord[] {
  const one = (id: string | undefined) => (id === from ? into : id)
  return records
    .filter((record) => record.type !== type || record.id !== from)
    .map((record) => {
      if (type === 'contact' && record.type === 'touch' && 'contactId' in record.person) {
        return { ...record, person: { contactId: one(record.person.contactId)! } }
      }
      if (type === 'contact' && record.type === 'deal' && record.contactIds) {
        return { ...record, contactIds: [...new Set(record.contactIds.map((id) => one(id)!))] }
      }
      if (type === 'account' && (record.type === 'contact' || record.type === 'deal') && record.accountId) {
        return { ...record, accountId: one(record.accountId)! }
      }
      if (type === 'deal' && record.type === 'payment') return { ...record, dealId: one(record.dealId)! }
      return record
    })
}

/** The accounts that random workspaces name. */
const ACCOUNTS = ['a0', 'a1', 'a2', 'a3']

/** What follows from the records, without what only tells how the source put it. */
async function consequences(database: Database) {
  const { outcome, credit, rollup } = await dump({ database })
  return { outcome, credit, rollup }
}

describe.each(ENGINES)('merges, on %s', (engine) => {
  test('leave the ledger there would be had the two been one record from the start', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomWorkspace,
        fc.constantFrom('contact', 'account', 'deal'),
        fc.nat(),
        fc.nat(),
        async (world, type, a, b) => {
          const records = toRecords(world)
          const ids = type === 'account' ? ACCOUNTS : records.filter((one) => one.type === type).map(({ id }) => id)
          if (ids.length < 2) return
          const from = ids[a % ids.length]!
          const into = ids.filter((id) => id !== from)[b % (ids.length - 1)]!
          await using database = await openStore(engine)
          await using expected = await openStore(engine)
          await loadAndRecompute(database, 1, records)
          await readPage(database, { merged: [merge(type as 'contact', from, into)] })
          await recompute(database, 1, SETTINGS)
          await loadAndRecompute(expected, 1, asIfOne(records, type, from, into))
          expect(await consequences(database)).toEqual(await consequences(expected))
          // The page may come again, before or after a full recompute, and changes nothing.
          await readPage(database, { merged: [merge(type as 'contact', from, into)] })
          expect((await recompute(database, 1, SETTINGS)).mode).toBe('none')
        },
      ),
      { numRuns: times(15, 60) },
    )
  }, 120_000)

  test('a record that still names the loser names the winner, and the loser does not come back', async () => {
    const database = await openTestDatabase(engine)
    const contact = (id: string): AnyRecord => ({ type: 'contact', id, createdAt: new Date(0) })
    const touch: AnyRecord = { type: 'touch', id: 'T', person: { contactId: 'A' }, occurredAt: new Date(1) }
    const deal: AnyRecord = { type: 'deal', id: 'D', contactIds: ['A', 'B'] }
    await readPage(database, { records: [contact('A'), contact('B'), contact('C'), touch] })
    await readPage(database, { merged: [merge('contact', 'A', 'B')] })
    await readPage(database, { merged: [merge('contact', 'B', 'C')] })
    await readPage(database, { records: [contact('A'), contact('B'), { ...touch, id: 'T2' }, deal] })
    const names = await database.query<{ what: string; name: string }>(
      `SELECT 'contact' AS what, source_id AS name FROM contact WHERE tenant_id = 1
       UNION ALL SELECT 'touch', k.source_id FROM touch AS t JOIN source_key AS k ON k.tenant_id = 1 AND k.id = t.ref_id
       UNION ALL SELECT 'deal', k.source_id FROM deal_contact AS d JOIN source_key AS k ON k.tenant_id = 1 AND k.id = d.ref_id
       ORDER BY 1, 2`,
    )
    expect(names.map(({ what, name }) => `${what} ${name}`)).toEqual(['contact C', 'deal C', 'touch C', 'touch C'])
  })

  test('reading a touch of the loser again changes nothing', async () => {
    const database = await openTestDatabase(engine)
    const touch: AnyRecord = { type: 'touch', id: 'T', person: { contactId: 'A' }, occurredAt: new Date(1) }
    await readPage(database, { records: [touch] })
    await readPage(database, { merged: [merge('contact', 'A', 'B')] })
    await recompute(database, 1, SETTINGS)
    await readPage(database, { records: [touch] })
    expect((await recompute(database, 1, SETTINGS)).mode).toBe('none')
  })
})

test('aliases lead to the last winner, whatever came first', () => {
  const book = new AliasBook()
  expect(book.add(1n, 2n)).toBe(false)
  expect(book.add(3n, 2n)).toBe(false)
  expect(book.add(2n, 9n)).toBe(true)
  expect([1n, 2n, 3n, 9n].map((id) => book.resolve(id))).toEqual([9n, 9n, 9n, 9n])
})
