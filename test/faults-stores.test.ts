import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { after, before } from './fakes/faults.ts'
import {
  COMPLETE,
  compared,
  FEW,
  hubspotOf,
  LEAN,
  openPortal,
  openSyncKit,
  reasonsOf,
  streamOf,
  until,
} from './support/sync-kit.ts'

/** Stores that fail or are shared while a synchronization runs (reliability.md §4, F38, F39). */

const LIST = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/ }

/** Lets the nth write from now on fail half-way, as a full disk does: after its first insert. */
function failWrite(database: Database, nth: number): void {
  const write = database.write.bind(database)
  let count = 0
  database.write = ((work) =>
    write(async (tx) => {
      const result = await work(tx)
      count += 1
      if (count === nth)
        throw Object.assign(new Error('could not write block: No space left on device'), { code: 'ENOSPC' })
      return result
    })) as typeof database.write
}

test('F38 the disk is full at any write: nothing half-written, failed, the next run completes', async () => {
  const { fake, account, clock, kit: calm } = await openPortal()
  await calm.sync()
  const facts = await calm.facts()
  for (const nth of [3, 9, 17]) {
    const kit = await openSyncKit({ registry: hubspotOf(FEW), origin: fake.origin, upstream: { clock } })
    await kit.connect('hubspot', { ...LEAN, token: account.token })
    failWrite(kit.database, nth)
    const outcome = await kit.sync().catch((error: Error) => error.message)
    if (typeof outcome === 'string') expect(outcome).toMatch(/No space left/)
    else expect(outcome.state).toBe('failed')
    const { state, completeAt, result } = await kit.stored()
    expect({ state, completeAt }).toEqual({ state: 'failed', completeAt: null })
    expect(result).toMatchObject({ reason: { remedy: expect.anything() } })
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(await kit.facts(), `at write ${nth}`).toEqual(facts)
  }
})

test('F38 the server ends its connections in mid-run: no partial commit, the next run completes', async () => {
  const portal = await openPortal({ engine: 'postgres' })
  const { fake, kit } = portal
  const end = () =>
    kit.database
      .query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )
      .then(
        () => undefined,
        () => undefined,
      )
  fake.faults.always(LIST, after(end))
  const outcome = await kit.sync().catch((error: Error) => error)
  if (!(outcome instanceof Error)) expect(['complete', 'failed']).toContain(outcome.state)
  fake.faults.clear()
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
})

test('F38 a store that is closed in mid-run: failed, and so it is noted', async () => {
  const portal = await openPortal()
  const { fake, kit } = portal
  fake.faults.next(
    LIST,
    after(() => kit.database.close()),
  )
  const outcome = await kit.sync().catch((error: Error) => error)
  if (!(outcome instanceof Error)) expect(outcome.state).toBe('failed')
  expect(await kit.stored()).toMatchObject({ state: 'failed', completeAt: null })
})

test('F39 two processes on one store: a connection is never run twice at once', async () => {
  const portal = await openPortal({ engine: 'postgres' })
  const { fake, kit } = portal
  const other = await openSyncKit({
    registry: hubspotOf(undefined),
    origin: fake.origin,
    engine: 'postgres',
    stores: kit,
  })
  other.adopt(kit.connection)
  let go = () => {}
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const held = fake.faults.next(
    LIST,
    before(() => gate),
  )
  const running = kit.sync()
  await until(() => held.hits === 1)
  const spent = fake.counters.requests
  await expect(other.sync()).rejects.toMatchObject({ code: 'sync_running' })
  await expect(kit.sync()).rejects.toMatchObject({ code: 'sync_running' })
  expect(fake.counters.requests).toBe(spent)
  go()
  expect(reasonsOf(await running)).toEqual(COMPLETE)
  // The other one goes on from what the first has left.
  const next = await other.sync()
  expect(streamOf(next, 'contacts')).toMatchObject({ mode: 'changes', imported: 0 })
})

test('F39 a second process on the file of a store is told so', async () => {
  const portal = await openPortal({ file: true })
  const { kit, fake } = portal
  const place = (kit.database as unknown as { place: string }).place
  const child = join(import.meta.dirname, 'conformance', 'sync-child.ts')
  const { status, stderr } = spawnSync(process.execPath, [child, 'duckdb', place, kit.place.folder, fake.origin], {
    encoding: 'utf8',
  })
  expect(status).not.toBe(0)
  expect(stderr).toMatch(/store_locked/)
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
})
