import { expect, onTestFinished, test } from 'vitest'
import type { RecordTable } from '../../src/db/schema.ts'
import type { Connector } from '../../src/sync/contract.ts'
import { before } from '../fakes/faults.ts'
import { COMPLETE, openSyncKit, type Registry, reasonsOf, type SyncKit, streamOf, testClock } from './kit.ts'
import { type AnyStream, collect, openScene, type Scene, streamsOf } from './reading.ts'
import { at, changeLists, changeRows, fieldsOf, type Path, put, type Row } from './rows.ts'
import type { OpenWorld, World } from './world.ts'

/** What may happen to a field; each is survived, with the rest of its record or without the record. */
const DRIFTS: readonly (readonly [string, (value: unknown) => unknown])[] = [
  ['gone', () => undefined],
  ['null', () => null],
  ['another type', (value) => (typeof value === 'string' ? { was: value } : `was ${String(value)}`)],
]
/** Fields per stream that are tried, spread over all. */
const FIELDS = 6

interface Connected {
  readonly kit: SyncKit
  readonly world: World
  readonly clock: ReturnType<typeof testClock>
}

/** What a connector brings when the product runs it. */
export function runTests(registry: Registry, connector: Connector, open: OpenWorld): void {
  const streams = streamsOf(connector)
  const mine = { [connector.id]: registry[connector.id]! }

  /** @param like another connection, to the same world, with stores of its own */
  async function connected(like?: Connected): Promise<Connected> {
    const clock = like?.clock ?? testClock()
    const world = like?.world ?? (await open({ now: () => Math.floor(clock.now()) }))
    if (!like) onTestFinished(() => world.fake.close())
    const kit = await openSyncKit({ registry: mine, origin: world.fake.origin, upstream: { clock } })
    await kit.connect(connector.id, world.settings)
    return { kit, world, clock }
  }

  /** Ids of what the source says there is are stored, and no others. */
  async function expectStored({ kit, world }: Connected, but: ReadonlySet<string> = new Set()): Promise<void> {
    for (const [name, { type }] of streams) {
      const wanted = world.ids(name)?.filter((id) => !but.has(id))
      if (wanted) expect(await kit.ids(type as RecordTable), name).toEqual([...wanted].sort())
    }
  }

  test('connects, and refuses settings it does not know or whose credentials are bad', async () => {
    const { kit, world } = await connected()
    expect(await kit.stored()).toMatchObject({ connector: connector.id, state: 'pending' })
    expect(kit.connection.externalAccountId).not.toBe('')
    const connect = (settings: World['settings'], id = connector.id) => kit.connect(id, settings)
    await expect(connect({ ...world.settings, surprise: 1 })).rejects.toMatchObject({ code: 'bad_connection_settings' })
    await expect(connect(world.badSettings)).rejects.toMatchObject({ code: 'connect_failed' })
    await expect(connect(world.settings, 'constructor')).rejects.toMatchObject({ code: 'unknown_connector' })
  })

  test('is complete in all streams, in their order; a second run writes nothing', async () => {
    const scene = await connected()
    const first = await scene.kit.sync()
    expect(reasonsOf(first)).toEqual(COMPLETE)
    expect(first.streams.map(({ stream }) => stream)).toEqual(streams.map(([name]) => name))
    for (const { stream, imported } of first.streams) expect(imported, stream).toBeGreaterThan(0)
    await expectStored(scene)
    const facts = await scene.kit.facts()
    const second = await scene.kit.sync()
    expect(reasonsOf(second)).toEqual(COMPLETE)
    expect(second.streams.map(({ imported, deleted, merged }) => imported + deleted + merged)).toEqual(
      streams.map(() => 0),
    )
    expect(await scene.kit.facts()).toEqual(facts)
  })

  test('follows what is made, changed, deleted and merged', async () => {
    const scene = await connected()
    const { change } = scene.world
    if (!change) return
    await scene.kit.sync()
    for (const act of [change.create, change.update, change.delete, change.merge]) {
      if (!act) continue
      scene.clock.advance(86_400_000)
      const stream = act()
      scene.clock.advance(1000)
      const outcome = await scene.kit.sync()
      expect(reasonsOf(outcome)).toEqual(COMPLETE)
      const { imported, deleted, merged } = streamOf(outcome, stream)
      expect(imported + deleted + merged, `${act.name} in ${stream}`).toBeGreaterThan(0)
      await expectStored(scene)
    }
  })

  test('is stopped at any request and ends like a run that never was', async () => {
    const calm = await connected()
    const { requests } = await calm.kit.sync()
    const facts = await calm.kit.facts()
    for (const part of [0.1, 0.45, 0.8]) {
      const { kit, world } = await connected(calm)
      const stop = new AbortController()
      world.fake.faults.next(
        { skip: Math.floor(requests * part) },
        before(() => stop.abort(new Error('stopped'))),
      )
      await expect(kit.sync({ signal: stop.signal })).rejects.toThrow('stopped')
      expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
      expect(await kit.facts(), `stopped at ${part}`).toEqual(facts)
    }
  })

  test('records that come twice are stored once', async () => {
    const scene = await connected()
    if (scene.world.rows === false) return
    const double = (list: Row[]) => list.push(...list.map((row) => structuredClone(row)))
    scene.world.fake.faults.always({}, changeLists(allIds(scene.world), double))
    expect(reasonsOf(await scene.kit.sync())).toEqual(COMPLETE)
    await expectStored(scene)
  })

  test('keeps special characters, without U+0000 and broken surrogates', async () => {
    const { kit, world } = await connected()
    if (world.rows === false) return
    const text = 'x 👩🏽‍💻 王小明 \u202Eabc\u202C e\u0301 \u0000|\ud83d| x'
    const kept = 'x 👩🏽‍💻 王小明 \u202Eabc\u202C e\u0301 |\ufffd| x'
    const scene = await openScene(connector, open)
    const fields = new Map<string, Path>()
    const tried: [RecordTable, string][] = []
    for (const [name, stream] of streams) {
      const field = await textField(scene, name, stream)
      if (!field) continue
      fields.set(field.id, field.path)
      tried.push([stream.type as RecordTable, field.id])
    }
    expect(tried.length).toBeGreaterThan(0)
    const spoil = (row: Row, id: string) => put(row, fields.get(id)!, text)
    world.fake.faults.always({}, changeRows(fields.keys(), spoil))
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    for (const [table, id] of tried)
      expect(Object.values((await kit.row(table, id))!), `${table} ${id}`).toContain(kept)
  })

  test('survives fields that are gone, null, of another type or new, and tells of them', async () => {
    let told = 0
    for (const [name, stream] of streams) {
      const scene = await openScene(connector, open)
      const { world, context, drifts } = scene
      if (world.rows === false) return
      const ids = new Set(world.ids(name))
      const rows: Row[] = []
      const watch = world.fake.faults.always(
        {},
        changeRows(ids, (row) => rows.push(structuredClone(row))),
      )
      const whole = (await collect(stream.read(context, null))).flatMap(({ records }) => records).length
      watch.cancel()
      if (rows.length === 0) continue
      const fields = spread(fieldsOf(rows[0]!, ids), FIELDS)
      const cases = fields.flatMap((path) => DRIFTS.map(([kind, change]) => ({ path, kind, change })))
      for (const { path, kind, change } of cases) {
        const fault = world.fake.faults.always(
          {},
          changeRows(ids, (row) => put(row, path, change(at(row, path)))),
        )
        const pages = await collect(stream.read(context, null))
        const handled = pages.reduce((sum, { records, rejected = [] }) => sum + records.length + rejected.length, 0)
        expect(handled, `${name}: ${path.join('.')} ${kind}`).toBeGreaterThan(0)
        expect(handled, `${name}: ${path.join('.')} ${kind}`).toBeLessThanOrEqual(whole * 2)
        fault.cancel()
      }
      const fault = world.fake.faults.always(
        {},
        changeRows(ids, (row) => Object.assign(row, { brand_new: { a: [1] } })),
      )
      expect((await collect(stream.read(context, null))).flatMap(({ records }) => records)).toHaveLength(whole)
      fault.cancel()
      told += drifts.length
    }
    expect(told).toBeGreaterThan(0)
  })

  test('one malformed record of each stream is refused, the others are stored', async () => {
    const scene = await connected()
    const { kit, world } = scene
    if (world.rows === false) return
    const bad = new Map(streams.map(([name]) => [name, world.ids(name)?.[1]] as const))
    const ids = [...bad.values()].filter((id) => id !== undefined)
    const spoil = (row: Row, _id: string, key: string) => {
      for (const field of Object.keys(row)) if (field !== key) row[field] = 7
    }
    world.fake.faults.always({}, changeRows(ids, spoil))
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    // Some records are so plain that nothing is left to be wrong.
    const refused = outcome.streams.filter(({ rejected }) => rejected > 0).map(({ stream }) => bad.get(stream)!)
    expect(refused.length).toBeGreaterThan(0)
    await expectStored(scene, new Set(refused))
    expect(new Set((await kit.rejects()).map(({ where }) => where.id))).toEqual(new Set(refused))
  })

  function allIds(world: World): string[] {
    return streams.flatMap(([name]) => world.ids(name) ?? [])
  }
}

/** A field whose text is stored as it is, with the id of a record that has it. */
async function textField({ world, context }: Scene, stream: string, { read, type }: AnyStream) {
  const ids = new Set(world.ids(stream))
  const rows = new Map<string, Row>()
  const watch = world.fake.faults.always(
    {},
    changeRows(ids, (row, id) => rows.set(id, structuredClone(row))),
  )
  const records = (await collect(read(context, null))).flatMap((page) => page.records)
  watch.cancel()
  for (const record of records) {
    const row = record.type === type ? rows.get(record.id) : undefined
    const name = 'name' in record ? record.name : undefined
    const path = row && name && fieldsOf(row, ids).find((one) => at(row, one) === name)
    if (path) return { id: record.id, path }
  }
  return undefined
}

/** So many of a list, evenly spread. */
function spread(paths: readonly Path[], count: number): Path[] {
  const step = Math.max(1, paths.length / count)
  return Array.from({ length: Math.min(count, paths.length) }, (_, i) => paths[Math.floor(i * step)]!)
}
