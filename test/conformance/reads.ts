import { Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { ConnectorError } from '../../src/errors.ts'
import { AnyRecord } from '../../src/model/records.ts'
import type { Connector, Http, HttpRequest } from '../../src/sync/contract.ts'
import { collect, keysOf, openScene, recordsOf, type Scene, streamsOf, withHttp } from './reading.ts'
import type { OpenWorld } from './world.ts'

/** What a connector brings when it is asked directly. */
export function readTests(connector: Connector, open: OpenWorld): void {
  const streams = streamsOf(connector)

  test('brings valid records with keys of their own in every stream, all there are', async () => {
    const { world, context } = await openScene(connector, open)
    for (const [name, stream] of streams) {
      const pages = await collect(stream.read(context, null))
      expect(pages.flatMap(({ rejected = [] }) => rejected)).toEqual([])
      const records = recordsOf(pages)
      expect(records.length, name).toBeGreaterThan(0)
      for (const record of records)
        expect(AnyRecord.safeParse(record).error?.issues, `${name} ${record.id}`).toBeUndefined()
      // One that is told twice is told alike.
      const byKey = new Map(records.map((record) => [`${record.type} ${record.id}`, record]))
      for (const record of records) expect(byKey.get(`${record.type} ${record.id}`), name).toEqual(record)
      const ids = [...byKey.values()].filter(({ type }) => type === stream.type).map(({ id }) => id)
      if (world.ids(name)) expect(ids.sort(), name).toEqual([...world.ids(name)!].sort())
    }
    expect(world.fake.violations).toEqual([])
  })

  test('asks its origin and nothing else', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    const fetch = vi.spyOn(globalThis, 'fetch')
    try {
      const { world, context } = await openScene(connector, open)
      for (const [, stream] of streams) await collect(stream.read(context, null))
      const ports = connect.mock.calls.map((call) => JSON.stringify(call).match(/"port":"?(\d+)/)?.[1])
      expect(new Set(ports)).toEqual(new Set([new URL(world.fake.origin).port]))
      expect(fetch).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
      fetch.mockRestore()
    }
  })

  test('brings the same when it is read twice, or in all streams at once', async () => {
    const { context } = await openScene(connector, open)
    const keys = async () => {
      const found: string[][] = []
      for (const [, stream] of streams) found.push(keysOf(await collect(stream.read(context, null))))
      return found
    }
    const first = await keys()
    expect(await keys()).toEqual(first)
    const atOnce = await Promise.all(
      streams.map(async ([, stream]) => keysOf(await collect(stream.read(context, null)))),
    )
    expect(atOnce).toEqual(first)
  })

  test('goes on from every page it was abandoned after', async () => {
    const { context } = await openScene(connector, open)
    for (const [name, { read, ranges, changes }] of streams) {
      await expectResumable(name, (cursor) => read(context, cursor))
      const bounds = await ranges?.bounds(context, null)
      if (ranges && bounds) {
        await expectResumable(`${name} by ranges`, (cursor) =>
          ranges.read(context, { after: cursor ?? bounds.after, upto: bounds.upto }),
        )
      }
      if (changes) await expectResumable(`changes of ${name}`, (cursor) => changes(context, new Date(0), cursor))
    }
  })

  test('a watermark in the future brings nothing and is no error', async () => {
    const { context } = await openScene(connector, open)
    for (const [name, { changes }] of streams) {
      if (changes) expect(keysOf(await collect(changes(context, new Date('2100-01-01'), null))), name).toEqual([])
    }
  })

  test('reads single records again', async () => {
    if (!connector.read) return
    const { world, context } = await openScene(connector, open)
    for (const [name, { type }] of streams) {
      const ids = world.ids(name)?.slice(0, 3)
      if (!ids) continue
      const pages = await collect(
        connector.read(
          context,
          ids.map((id) => ({ type, id })),
        ),
      )
      const found = recordsOf(pages)
        .filter((record) => record.type === type)
        .map(({ id }) => id)
      // A kind that cannot be read by id brings nothing.
      if (found.length > 0) expect(found.sort(), name).toEqual([...ids].sort())
    }
  })

  describe('leaves retries to the product', () => {
    test.each([['check'], ...streams.map(([name]) => [name])])(
      '%s fails with its first failed request',
      async (name) => {
        const asked: string[] = []
        const failure = new ConnectorError('retry', 'source_failed', 'the source is down')
        const http: Http = {
          get(request: HttpRequest) {
            asked.push(JSON.stringify(request))
            return Promise.reject(failure)
          },
        }
        const scene: Scene = withHttp(await openScene(connector, open), http)
        const read =
          name === 'check'
            ? connector.check(scene.context)
            : collect(streamOf(connector, name).read(scene.context, null))
        await expect(read).rejects.toBe(failure)
        expect(asked.length).toBeGreaterThan(0)
        expect(new Set(asked).size).toBe(asked.length)
      },
    )
  })
}

function streamOf(connector: Connector, name: string) {
  return streamsOf(connector).find(([key]) => key === name)![1]
}

type Read = (cursor: string | null) => ReturnType<ReturnType<typeof streamOf>['read']>

/** Abandons a read after each of its pages and takes it up again: together they bring what one read brings. */
async function expectResumable(name: string, read: Read): Promise<void> {
  const whole = await collect(read(null))
  for (let count = 1; count <= whole.length; count += 1) {
    const before = await collect(read(null), count)
    const after = await collect(read(before.at(-1)!.cursor))
    expect(keysOf([...before, ...after]), `${name} from page ${count}`).toEqual(keysOf(whole))
  }
}
