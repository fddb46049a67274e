import { describe, expect, test, vi } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { Settings } from '../src/model/settings.ts'
import { type Context, OFFLINE, type Page, type Reject } from '../src/sync/contract.ts'
import { IdSet } from '../src/sync/id-set.ts'
import { type Group, type Progress, type Sink, type SyncJob, syncStream } from '../src/sync/runner.ts'
import { readCursor, storeSink } from '../src/sync/store.ts'
import { dump, generator } from './import-kit.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { load, loadAndRecompute, SETTINGS } from './support/store.ts'

const CONTEXT: Context<unknown> = {
  ...OFFLINE,
  settings: {},
  open: () => Promise.reject(new Error('no files here')),
  signal: new AbortController().signal,
  log() {},
  now: () => new Date(0),
}
const ORIGIN = { tenant: 1, source: 'test', settings: Settings.parse({ zone: 'UTC' }) }
const KEY = { connection: 'c', stream: 'accounts' }

function account(id: string, name = 'x'): AnyRecord {
  return { type: 'account', id, name }
}

function accounts(from: number, count: number): AnyRecord[] {
  return Array.from({ length: count }, (_, i) => account(`A${from + i}`))
}

/** A pull of pages that are there already. */
function pages(...list: readonly Partial<Page>[]): SyncJob<unknown>['pull'] {
  return async function* () {
    for (const [i, page] of list.entries()) yield { records: [], cursor: String(i + 1), ...page }
  }
}

/** A sink that remembers its groups. */
function memory(delay = 0) {
  const groups: Group[] = []
  const sink: Sink = {
    map: (record) => ({ table: record.type, row: { id: 1n, source_id: record.id }, refs: [], channels: [] }),
    async write(group) {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
      groups.push(group)
      return { imported: group.rows.length, unchanged: 0, deleted: group.deleted.length, merged: group.merged.length }
    },
  }
  return { groups, sink }
}

function job(pull: SyncJob<unknown>['pull'], sink: Sink, more: Partial<SyncJob<unknown>> = {}): SyncJob<unknown> {
  return { pull, context: CONTEXT, cursor: null, sink, ...more }
}

describe('groups', () => {
  test('pages are grouped until there are 10,000 rows, with the cursor of their last page', async () => {
    const { groups, sink } = memory()
    const list = Array.from({ length: 12 }, (_, i) => ({ records: accounts(i * 3000, 3000) }))
    const synced = await syncStream(job(pages(...list), sink))
    expect(groups.map(({ rows, cursor }) => [rows.length, cursor])).toEqual([
      [12_000, '4'],
      [12_000, '8'],
      [12_000, '12'],
    ])
    expect(synced).toMatchObject({ records: 36_000, imported: 36_000, rejected: 0, cursor: '12' })
  })

  test('rows wait at most two seconds, also while a page is slow to come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { groups, sink } = memory()
      let more = () => {}
      async function* slow(): AsyncGenerator<Page> {
        yield { records: accounts(0, 10), cursor: '1' }
        await new Promise<void>((resolve) => {
          more = resolve
        })
        yield { records: accounts(10, 10), cursor: '2' }
      }
      const done = syncStream(job(slow, sink))
      await vi.advanceTimersByTimeAsync(1900)
      expect(groups).toHaveLength(0)
      await vi.advanceTimersByTimeAsync(200)
      expect(groups.map(({ cursor }) => cursor)).toEqual(['1'])
      await vi.advanceTimersByTimeAsync(60_000)
      expect(groups).toHaveLength(1)
      more()
      await vi.advanceTimersByTimeAsync(10)
      await done
      expect(groups.map(({ cursor }) => cursor)).toEqual(['1', '2'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('the cursor is saved with the rows it covers, also of pages without rows', async () => {
    const database = await openTestDatabase('duckdb')
    const run = (pull: SyncJob<unknown>['pull']) => syncStream(job(pull, storeSink(database, ORIGIN, { key: KEY })))
    expect(await readCursor(database, 1, KEY)).toBeNull()
    await run(pages({ records: accounts(0, 5), cursor: 'five' }))
    expect(await readCursor(database, 1, KEY)).toBe('five')
    await run(pages({ cursor: 'empty' }))
    expect(await readCursor(database, 1, KEY)).toBe('empty')
  })

  test('a source that fails leaves the groups before it and their cursor, and the next run goes on there', async () => {
    const database = await openTestDatabase('duckdb')
    const pull: SyncJob<unknown>['pull'] = async function* (_, cursor) {
      const from = Number(cursor ?? 0)
      for (let at = from; at < 30_000; at += 5000) {
        if (at === 20_000 && cursor === null) throw new Error('reset')
        yield { records: accounts(at, 5000), cursor: String(at + 5000) }
      }
    }
    const sink = () => storeSink(database, ORIGIN, { key: KEY })
    await expect(syncStream(job(pull, sink()))).rejects.toThrow('reset')
    const cursor = await readCursor(database, 1, KEY)
    expect(Number(cursor)).toBeGreaterThanOrEqual(10_000)
    const [{ n } = { n: 0n }] = await database.query<{ n: bigint }>('SELECT count(*) AS n FROM account')
    expect(String(n)).toBe(cursor)
    await syncStream(job(pull, sink(), { cursor }))
    const [all] = await database.query<{ n: bigint }>('SELECT count(*) AS n FROM account')
    expect(all!.n).toBe(30_000n)
  })

  test('a store that fails ends the read, nothing is written later, and no rejection is left unheard', async () => {
    let writes = 0
    let closed = false
    const sink: Sink = {
      ...memory().sink,
      async write() {
        writes += 1
        await new Promise((resolve) => setTimeout(resolve, 5))
        throw new Error('disk full')
      },
    }
    async function* endless(): AsyncGenerator<Page> {
      try {
        for (let i = 0; ; i++) {
          yield { records: accounts(i * 5000, 5000), cursor: String(i) }
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      } finally {
        closed = true
      }
    }
    await expect(syncStream(job(endless, sink))).rejects.toThrow('disk full')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect([writes, closed]).toEqual([1, true])
  })

  test('an abort stops the read between two pages', async () => {
    const { groups, sink } = memory()
    const abort = new AbortController()
    const context = { ...CONTEXT, signal: abort.signal }
    const list = Array.from({ length: 50 }, (_, i) => ({ records: accounts(i * 5000, 5000) }))
    const run = syncStream(job(pages(...list), sink, { context, onProgress: () => abort.abort() }))
    await expect(run).rejects.toThrow(/abort/i)
    expect(groups.length).toBeLessThan(5)
  })

  test('progress counts up and tells how long it takes', async () => {
    const { sink } = memory(5)
    const seen: Progress[] = []
    const list = Array.from({ length: 4 }, (_, i) => ({ records: accounts(i * 10_000, 10_000), progress: (i + 1) / 4 }))
    await syncStream(job(pages(...list), sink, { onProgress: (progress) => seen.push(progress) }))
    expect(seen.map(({ rows, fraction }) => [rows > 0, fraction])).toEqual(
      [0.25, 0.5, 0.75, 1].map((part) => [true, part]),
    )
    expect(seen.at(-1)).toMatchObject({ rows: 40_000, etaSeconds: 0 })
    for (const { rowsPerSecond } of seen) expect(rowsPerSecond).toBeGreaterThan(0)
  })
})

describe('what a connector should not yield', () => {
  test('malformed records are refused with what is wrong, the others go in', async () => {
    const { groups, sink } = memory()
    const rejects: Reject[] = []
    const cyclic: Record<string, unknown> = { type: 'account', id: 'loop' }
    cyclic.name = cyclic
    const bad = [
      null,
      'text',
      {},
      { type: 'constructor', id: '1' },
      { type: 'account', id: 'no name' },
      { type: 'account', id: 7, name: 'x' },
      { type: 'contact', id: 'c', createdAt: new Date(Number.NaN) },
      {
        type: 'cost',
        id: 'k',
        date: '2026-02-30',
        amount: { amount: '1', currency: 'CNY' },
        category: 'a',
        state: 'b',
      },
      { type: 'account', id: 'big', name: 10n },
      cyclic,
    ] as unknown as AnyRecord[]
    const synced = await syncStream(
      job(pages({ records: [account('A1'), ...bad, account('A2')] }), sink, {
        onRejects: async (list) => {
          rejects.push(...list)
        },
      }),
    )
    expect(synced).toMatchObject({ records: 2, rejected: bad.length })
    expect(groups[0]!.rows.map(({ row }) => row.source_id)).toEqual(['A1', 'A2'])
    expect(new Set(rejects.map(({ code }) => code))).toEqual(new Set(['malformed_record']))
    expect(rejects[4]).toMatchObject({ where: { id: 'no name' }, raw: '{"type":"account","id":"no name"}' })
    expect(rejects[4]!.message.en).toMatch(/name/)
  })

  test('money out of range and impossible merges are refused visibly', async () => {
    const database = await openTestDatabase('duckdb')
    const rejects: Reject[] = []
    const cost = (id: string, amount: string): AnyRecord => ({
      type: 'cost',
      id,
      date: '2026-01-01',
      amount: { amount, currency: 'CNY' },
      category: 'ads',
      state: 'actual',
    })
    const merged = [{ from: { type: 'contact', id: 'old' }, into: { type: 'deal', id: 'new' } }] as const
    const page = { records: [cost('ok', '1'), cost('huge', '1e99'), cost('large', '9'.repeat(30))], merged }
    await syncStream(
      job(pages(page), storeSink(database, ORIGIN, { key: KEY }), {
        onRejects: async (list) => {
          rejects.push(...list)
        },
      }),
    )
    expect(rejects.map(({ where, code }) => [where.id, code])).toEqual([
      ['huge', 'amount_too_large'],
      ['large', 'amount_too_large'],
      ['old', 'merge_not_possible'],
    ])
    expect(await database.query('SELECT source_id FROM cost')).toEqual([{ source_id: 'ok' }])
  })

  test('notices are summed by code and message', async () => {
    const { sink } = memory()
    const notice = (code: string, count: number, word = code) => ({ code, message: { en: word, 'zh-CN': word }, count })
    const synced = await syncStream(
      job(
        pages({ notices: [notice('a', 1), notice('b', 2, 'x')] }, { notices: [notice('a', 3), notice('b', 4, 'y')] }),
        sink,
      ),
    )
    expect(synced.notices.map(({ message, count }) => [message.en, count])).toEqual([
      ['a', 4],
      ['x', 2],
      ['y', 4],
    ])
  })
})

const at = (day: number) => new Date(Date.UTC(2026, 0, day))
const yuan = (amount: string) => ({ amount, currency: 'CNY' })
const WORLD: readonly AnyRecord[] = [
  { type: 'campaign', id: 'K1', name: 'one', channel: 'expo' },
  { type: 'campaign', id: 'K2', name: 'two', channel: 'search' },
  { type: 'account', id: 'A1', name: 'a' },
  { type: 'contact', id: 'C1', email: 'a@x.com', createdAt: at(1), accountId: 'A1' },
  { type: 'contact', id: 'C2', email: 'a@x.com', createdAt: at(2), accountId: 'A1', mqlAt: at(3) },
  { type: 'contact', id: 'C3', email: 'c@x.com', createdAt: at(2) },
  { type: 'touch', id: 'T1', person: { contactId: 'C1' }, occurredAt: at(1), campaignId: 'K1' },
  { type: 'touch', id: 'T2', person: { email: 'a@x.com' }, occurredAt: at(2), channel: 'direct' },
  { type: 'touch', id: 'T3', person: { contactId: 'C3' }, occurredAt: at(2), campaignId: 'K2' },
  {
    type: 'deal',
    id: 'D1',
    accountId: 'A1',
    contactIds: ['C2'],
    amount: yuan('10'),
    createdAt: at(5),
    closedAt: at(9),
    won: true,
  },
  {
    type: 'deal',
    id: 'D2',
    accountId: 'A1',
    contactIds: ['C1'],
    amount: yuan('20'),
    createdAt: at(6),
    closedAt: at(10),
    won: true,
  },
  { type: 'deal', id: 'D3', accountId: 'A1', amount: yuan('30'), createdAt: at(6), closedAt: at(11), won: true },
  { type: 'stage_change', id: 'S1', dealId: 'D1', stage: 'won', changedAt: at(9) },
  { type: 'payment', id: 'P1', dealId: 'D1', amount: yuan('4'), paidAt: at(12) },
  { type: 'cost', id: 'F1', date: '2026-01-01', amount: yuan('3'), category: 'ads', state: 'actual', campaignId: 'K1' },
]

describe.each(ENGINES)('records gone at the source, on %s', (engine) => {
  test('a deleted record leaves what there would be without it, whatever it was', async () => {
    for (const gone of WORLD) {
      const [database, without] = [await openTestDatabase(engine), await openTestDatabase(engine)]
      await loadAndRecompute(database, 1, WORLD)
      await loadAndRecompute(
        without,
        1,
        WORLD.filter((record) => record !== gone),
      )
      const deleted = [
        { type: gone.type, id: gone.id },
        { type: gone.type, id: gone.id },
        { type: gone.type, id: 'nobody' },
      ]
      const synced = await syncStream(job(pages({ deleted }), storeSink(database, ORIGIN, { key: KEY })))
      expect(synced.deleted).toBe(1)
      const { mode } = await recompute(database, 1, SETTINGS)
      expect(mode).not.toBe('all')
      const [found, expected] = [await dump({ database }), await dump({ database: without })]
      expect({ ...found, source_key: [] }, `without ${gone.id}`).toEqual({ ...expected, source_key: [] })
    }
  }, 60_000)

  test('a record of another source or workspace with the same id stays', async () => {
    const database = await openTestDatabase(engine)
    await load(database, 1, [account('A1')])
    await load(database, 1, [account('A1')], 'other')
    await load(database, 2, [account('A1')])
    await syncStream(
      job(pages({ deleted: [{ type: 'account', id: 'A1' }] }), storeSink(database, ORIGIN, { key: KEY })),
    )
    const left = await database.query('SELECT tenant_id, source FROM account ORDER BY tenant_id')
    expect(left).toEqual([
      { tenant_id: 1, source: 'other' },
      { tenant_id: 2, source: 'test' },
    ])
  })
})

test('a set of ids holds each once, whatever they are', () => {
  const random = generator(5)
  const ids = [
    0n,
    -1n,
    2n ** 62n,
    4096n,
    ...Array.from({ length: 20_000 }, () => BigInt(Math.floor(random() * 12_000)) << 12n),
  ]
  const set = new IdSet()
  const expected = new Set<bigint>()
  for (const id of ids) {
    expect(set.add(id)).toBe(!expected.has(id))
    expected.add(id)
  }
  expect(set.size).toBe(expected.size)
  expect(new Set(set)).toEqual(expected)
  expect([...expected].every((id) => set.has(id))).toBe(true)
  expect(set.has(12_345n)).toBe(false)
})
