import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { openDuckDB } from '../src/db/duckdb.ts'
import { migrate } from '../src/db/migrate.ts'
import { openPostgres } from '../src/db/postgres.ts'
import { type ColumnType, columnsOf, type RowIn, TABLES, type Table } from '../src/db/schema.ts'
import { RoiError } from '../src/errors.ts'
import { ENGINES, openTestDatabase, temporaryFolder } from './support/databases.ts'
import { createDatabase } from './support/postgres.ts'

const NAMES: Record<string, ColumnType> = {
  integer: 'integer',
  bigint: 'bigint',
  double: 'double',
  'double precision': 'double',
  varchar: 'text',
  text: 'text',
  boolean: 'boolean',
  timestamp: 'timestamp',
  'timestamp without time zone': 'timestamp',
  date: 'date',
}

const DAY = 86_400_000

function contact(id: bigint, hash: bigint, more: RowIn = {}): RowIn {
  return { tenant_id: 1, id, source: 'csv', source_id: `c${id}`, person_id: id, created_at: 0, row_hash: hash, ...more }
}

async function count(database: Database, table: Table = 'contact'): Promise<bigint> {
  const [row] = await database.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`)
  return row!.n
}

/** The failure of a promise as the product tells it. */
async function failure(promise: Promise<unknown>): Promise<RoiError> {
  const error = await promise.then(
    () => new Error('nothing failed'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof RoiError)) throw error
  return error
}

/** A way for one piece of work to wait for another. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe.each(ENGINES)('migration on %s', (engine) => {
  test('runs twice without a change', async () => {
    const database = await openTestDatabase(engine, { empty: true })
    await migrate(database)
    const before = await database.query('SELECT * FROM schema_version')
    await migrate(database)
    expect(await database.query('SELECT * FROM schema_version')).toEqual(before)
    expect(before.length).toBeGreaterThan(0)
    expect(Math.abs(Date.now() - (before[0]!.applied_at as number))).toBeLessThan(60_000)
  })

  test.each(Object.keys(TABLES) as Table[])('has the columns schema.ts names: %s', async (table) => {
    const database = await openTestDatabase(engine)
    const found = await database.query<{ column_name: string; data_type: string }>(
      `SELECT column_name, data_type FROM information_schema.columns
       WHERE table_schema IN ('main', 'public') AND table_name = $1 ORDER BY ordinal_position`,
      [table],
    )
    expect(found.map((row) => [row.column_name, NAMES[row.data_type.toLowerCase()]])).toEqual(columnsOf(table))
  })

  test('refuses a store of a newer program and leaves it as it is', async () => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.run(`INSERT INTO schema_version VALUES (999, TIMESTAMP '2030-01-01 00:00:00')`))
    const before = await database.query('SELECT * FROM schema_version ORDER BY version')
    expect(await failure(migrate(database))).toMatchObject({ code: 'store_too_new' })
    expect(await database.query('SELECT * FROM schema_version ORDER BY version')).toEqual(before)
  })
})

describe.each(ENGINES)('upsert on %s', (engine) => {
  test('inserts, replaces and keeps, and tells which', async () => {
    const database = await openTestDatabase(engine)
    const first = await database.write((tx) =>
      tx.upsert('contact', [contact(1n, 10n, { name: 'Ann' }), contact(2n, 20n, { name: 'Bo' })], ['name']),
    )
    expect(first).toEqual({ inserted: 2, updated: 0, unchanged: 0, changed: new Set([1n, 2n]), previous: [] })
    const second = await database.write((tx) =>
      tx.upsert(
        'contact',
        [contact(1n, 10n, { name: 'Ann' }), contact(2n, 21n, { name: 'Bob' }), contact(3n, 30n)],
        ['name', 'email', 'created_at'],
      ),
    )
    expect(second).toEqual({
      inserted: 1,
      updated: 1,
      unchanged: 1,
      changed: new Set([2n, 3n]),
      previous: [{ id: 2n, name: 'Bo', email: null, created_at: 0 }],
    })
    expect(await database.query('SELECT id, name, row_hash FROM contact ORDER BY id')).toEqual([
      { id: 1n, name: 'Ann', row_hash: 10n },
      { id: 2n, name: 'Bob', row_hash: 21n },
      { id: 3n, name: null, row_hash: 30n },
    ])
  })

  test('of nothing does nothing', async () => {
    const database = await openTestDatabase(engine)
    const nothing = { inserted: 0, updated: 0, unchanged: 0, changed: new Set(), previous: [] }
    expect(await database.write((tx) => tx.upsert('contact', [], ['name']))).toEqual(nothing)
    await database.write(async (tx) => {
      await tx.insert('scope', [])
      await tx.insertMissing('source_key', [], ['tenant_id', 'id'])
    })
  })

  test.each([
    ['older', 1000, 999, false],
    ['equally old', 1000, 1000, true],
    ['newer', 1000, 1001, true],
    ['without a version', 1000, null, true],
    ['the first with a version', null, 1000, true],
    ['both without a version', null, null, true],
  ])('of another content that is %s', async (_, before, after, replaced) => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n, { updated_at: before, name: 'old' })], []))
    const result = await database.write((tx) =>
      tx.upsert('contact', [contact(1n, 2n, { updated_at: after, name: 'new' })], []),
    )
    expect(result).toMatchObject({ inserted: 0, updated: replaced ? 1 : 0, unchanged: replaced ? 0 : 1 })
    expect(await database.query('SELECT name FROM contact')).toEqual([{ name: replaced ? 'new' : 'old' }])
  })

  test('of an equal content leaves the row, even with a newer version', async () => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n, { updated_at: 1 })], []))
    const result = await database.write((tx) => tx.upsert('contact', [contact(1n, 1n, { updated_at: 9 })], []))
    expect(result.unchanged).toBe(1)
    expect(await database.query('SELECT updated_at FROM contact')).toEqual([{ updated_at: 1 }])
  })

  test.each([
    ['source_id', { source_id: 'other' }],
    ['source', { source: 'hubspot' }],
  ])('refuses one id for two records: %s', async (_, other) => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    const attempt = database.write((tx) => tx.upsert('contact', [contact(2n, 2n), contact(1n, 3n, other)], []))
    expect(await failure(attempt)).toMatchObject({ kind: 'failure', code: 'id_collision' })
    expect(await database.query('SELECT id, source, source_id FROM contact')).toEqual([
      { id: 1n, source: 'csv', source_id: 'c1' },
    ])
  })

  test('keeps workspaces apart that have the same record', async () => {
    const database = await openTestDatabase(engine)
    const rows = [contact(1n, 1n), contact(1n, 1n, { tenant_id: 2 })]
    expect(await database.write((tx) => tx.upsert('contact', rows, []))).toMatchObject({ inserted: 2 })
    const changed = [contact(1n, 1n), contact(1n, 2n, { tenant_id: 2, name: 'two' })]
    expect(await database.write((tx) => tx.upsert('contact', changed, ['tenant_id']))).toMatchObject({
      unchanged: 1,
      previous: [{ id: 1n, tenant_id: 2 }],
    })
  })

  test('takes more rows than one batch holds', async () => {
    const database = await openTestDatabase(engine)
    const rows = Array.from({ length: 25_001 }, (_, i) => contact(BigInt(i) - 12_000n, 1n, { name: `name ${i}` }))
    expect(await database.write((tx) => tx.upsert('contact', rows, []))).toMatchObject({ inserted: 25_001 })
    const next = rows.map((row, i) => (i % 1000 === 0 ? { ...row, row_hash: 2n } : row))
    expect(await database.write((tx) => tx.upsert('contact', next, ['name']))).toMatchObject({
      inserted: 0,
      updated: 26,
      unchanged: 24_975,
    })
    expect(await count(database)).toBe(25_001n)
  })

  test('sees what its own transaction wrote before', async () => {
    const database = await openTestDatabase(engine)
    const results = await database.write(async (tx) => [
      await tx.upsert('contact', [contact(1n, 1n)], []),
      await tx.upsert('contact', [contact(1n, 2n)], []),
      await tx.upsert('contact', [contact(1n, 2n)], []),
    ])
    expect(results.map(({ inserted, updated, unchanged }) => [inserted, updated, unchanged])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
  })
})

describe.each(ENGINES)('insert on %s', (engine) => {
  test('adds rows as they are', async () => {
    const database = await openTestDatabase(engine)
    const rows = Array.from({ length: 10_001 }, (_, i) => ({ tenant_id: 1, kind: 'deal', id: BigInt(i) }))
    await database.write((tx) => tx.insert('scope', [...rows, rows[0]!]))
    expect(await count(database, 'scope')).toBe(10_002n)
  })

  test('adds only what is missing, and each key once', async () => {
    const database = await openTestDatabase(engine)
    const key = (id: bigint, text: string) => ({ tenant_id: 1, id, kind: 'deal', source: 'csv', source_id: text })
    await database.write((tx) =>
      tx.insertMissing('source_key', [key(1n, 'one'), key(2n, 'two'), key(2n, 'two')], ['tenant_id', 'id']),
    )
    await database.write((tx) =>
      tx.insertMissing('source_key', [key(2n, 'changed'), key(3n, 'three')], ['tenant_id', 'id']),
    )
    expect(await database.query('SELECT id, source_id FROM source_key ORDER BY id')).toEqual([
      { id: 1n, source_id: 'one' },
      { id: 2n, source_id: 'two' },
      { id: 3n, source_id: 'three' },
    ])
  })

  test('adds only what is missing to a table without a key', async () => {
    const database = await openTestDatabase(engine)
    const key = ['tenant_id', 'kind', 'id']
    const rows = [1n, 2n, 2n, 1n].map((id) => ({ tenant_id: 1, kind: 'ref', id }))
    await database.write((tx) => tx.insertMissing('dirty', rows, key))
    await database.write((tx) => tx.insertMissing('dirty', [...rows, { tenant_id: 1, kind: 'deal', id: 1n }], key))
    expect(await database.query('SELECT kind, id FROM dirty ORDER BY kind, id')).toEqual([
      { kind: 'deal', id: 1n },
      { kind: 'ref', id: 1n },
      { kind: 'ref', id: 2n },
    ])
  })
})

describe.each(ENGINES)('values on %s', (engine) => {
  test.each([
    ['the largest integer', 'account_id', 2n ** 63n - 1n],
    ['the smallest integer', 'account_id', -(2n ** 63n)],
    ['an integer beyond doubles', 'account_id', 2n ** 53n + 1n],
    ['no integer', 'account_id', null],
    ['1970', 'lead_at', 0],
    ['a millisecond before 1970', 'lead_at', -1],
    ['the end of a second', 'lead_at', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['an hour that daylight saving skips', 'lead_at', Date.UTC(2024, 2, 31, 2, 30)],
    ['the year 1', 'lead_at', Date.parse('0001-01-01T00:00:00.000Z')],
    ['the year before the year 1', 'lead_at', Date.parse('0000-06-30T12:00:00.000Z')],
    ['the year 9999', 'lead_at', Date.parse('9999-12-31T23:59:59.999Z')],
    ['the year 12026', 'lead_at', Date.parse('+012026-01-02T03:04:05.006Z')],
    ['no instant', 'lead_at', null],
    ['emoji', 'name', '👩‍👩‍👧‍👦 😀'],
    ['Chinese', 'name', '市场部 转化率 𠮷'],
    ['right to left', 'name', 'שלום עולם \u200f(مرحبا)'],
    ['quotes', 'name', `'"\\{},NULL;--\t\r\n%_$1`],
    ['the word NULL', 'name', 'NULL'],
    ['empty text', 'name', ''],
    ['blanks', 'name', '  '],
    ['combining characters', 'name', 'e\u0301 \u00e9'],
    ['a long text', 'name', 'ab😀'.repeat(100_000)],
    ['no text', 'name', null],
  ])('come back: %s', async (_, column, value) => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n, { [column]: value })], []))
    expect(await database.query(`SELECT ${column} AS value FROM contact`)).toEqual([{ value }])
  })

  test.each([
    ['true', 'paid', true],
    ['false', 'paid', false],
    ['no boolean', 'paid', null],
    ['a day', 'start_date', '2024-02-29'],
    ['the first day', 'start_date', '0001-01-01'],
    ['a day before 1970', 'start_date', '1969-12-31'],
    ['1970', 'start_date', '1970-01-01'],
    ['the last day', 'start_date', '9999-12-31'],
    ['no day', 'start_date', null],
    ['a fraction', 'target_leads', 0.1 + 0.2],
    ['a negative number', 'target_leads', -1.5],
    ['the smallest number', 'target_leads', 5e-324],
    ['the largest number', 'target_leads', Number.MAX_VALUE],
    ['minus zero', 'target_leads', -0],
    ['no number', 'target_leads', null],
    ['no finite number', 'target_leads', Number.POSITIVE_INFINITY],
    ['not a number', 'target_leads', Number.NaN],
  ])('of a campaign come back: %s', async (_, column, value) => {
    const database = await openTestDatabase(engine)
    const row = { tenant_id: 1, id: 1n, source: 'csv', source_id: '1', name: 'n', row_hash: 1n, [column]: value }
    await database.write((tx) => tx.upsert('campaign', [row], []))
    const [found] = await database.query(`SELECT ${column} AS value FROM campaign`)
    expect(found!.value).toBe(value)
  })

  test('lose U+0000 and broken surrogates alike, in rows and in parameters', async () => {
    const database = await openTestDatabase(engine)
    const row = contact(1n, 1n, { source_id: 'a\u0000b', name: '\u0000x\u0000', email: 'y\ud800z' })
    await database.write((tx) => tx.upsert('contact', [row], []))
    const found = await database.query('SELECT source_id, name, email FROM contact WHERE source_id = $1', ['\u0000ab'])
    expect(found).toEqual([{ source_id: 'ab', name: 'x', email: 'y\ufffdz' }])
    const again = await database.write((tx) => tx.upsert('contact', [{ ...row, row_hash: 2n }], []))
    expect(again).toMatchObject({ updated: 1 })
  })

  test('are parameters of every type', async () => {
    const database = await openTestDatabase(engine)
    const [row] = await database.query(
      `SELECT CAST($7 AS TEXT) AS text, CAST($1 AS INTEGER) AS small, CAST($2 AS BIGINT) AS large,
              CAST($3 AS DOUBLE PRECISION) AS fraction, CAST($4 AS BOOLEAN) AS flag, CAST($5 AS DATE) AS day,
              CAST($6 AS TIMESTAMP) AS instant, CAST($8 AS BIGINT) AS nothing, CAST($9 AS BIGINT) AS number`,
      [-7, 2n ** 62n, 0.25, true, '2024-02-29', '2024-02-29T12:34:56.789', '中😀', null, 2 ** 40],
    )
    expect(row).toEqual({
      text: '中😀',
      small: -7,
      large: 2n ** 62n,
      fraction: 0.25,
      flag: true,
      day: '2024-02-29',
      instant: Date.UTC(2024, 1, 29, 12, 34, 56, 789),
      nothing: null,
      number: 2n ** 40n,
    })
  })

  test('of sums and counts are whole', async () => {
    const database = await openTestDatabase(engine)
    await database.write((tx) =>
      tx.insert(
        'scope',
        [1n, 2n].map((id) => ({ tenant_id: 1, kind: 'deal', id })),
      ),
    )
    const sums = 'sum(id) AS plain, CAST(sum(id) AS BIGINT) AS cast_sum, sum(CAST(id AS DOUBLE PRECISION)) AS real_sum'
    expect(await database.query(`SELECT count(*) AS n, ${sums}, sum(tenant_id) AS small FROM scope`)).toEqual([
      { n: 2n, plain: 3n, cast_sum: 3n, real_sum: 3, small: 2n },
    ])
  })

  test('of a type without a mapping are an error', async () => {
    const database = await openTestDatabase(engine)
    await expect(database.query(`SELECT INTERVAL '1 day' AS pause`)).rejects.toThrow(TypeError)
    await expect(database.query(`SELECT CAST('1.25' AS NUMERIC(9, 2)) AS price`)).rejects.toThrow(TypeError)
  })

  test('of an instant are UTC, whatever the server prefers', async () => {
    const database = await openTestDatabase(engine)
    const [row] = await database.query(
      `SELECT CAST(CAST('2024-03-04T23:30:00' AS TIMESTAMP) AS DATE) AS day,
              CAST('2024-03-04 20:00:00' AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai' AS there,
              CAST('2024-03-04' AS DATE) AS iso, CAST(CAST('2024-03-04' AS DATE) AS TEXT) AS text`,
    )
    expect(row).toEqual({
      day: '2024-03-04',
      there: Date.UTC(2024, 2, 5, 4),
      iso: '2024-03-04',
      text: '2024-03-04',
    })
  })

  test('with parts of a millisecond are cut alike', async () => {
    const database = await openTestDatabase(engine)
    const [row] = await database.query(
      `SELECT TIMESTAMP '1970-01-01 00:00:00.001999' AS after, TIMESTAMP '1969-12-31 23:59:59.998001' AS before`,
    )
    expect(row).toEqual({ after: 1, before: -1 })
  })
})

describe.each(ENGINES)('text order on %s', (engine) => {
  test('is that of UTF-8 bytes where a column says so', async () => {
    const database = await openTestDatabase(engine, { linguistic: true })
    const texts = ['b', 'B', 'a', 'A', 'Z', '_', 'ä', 'a b', 'a-b', 'ab', '中', '\uff5e', '😀', 'é', '10', '9', '']
    const bytes = texts.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    await database.write((tx) =>
      tx.upsert(
        'touch',
        texts.map((text, i) => touch(BigInt(i), { source: text, source_id: text })),
        [],
      ),
    )
    for (const column of ['source', 'source_id']) {
      const found = await database.query<{ text: string }>(`SELECT ${column} AS text FROM touch ORDER BY ${column}`)
      expect(found.map((row) => row.text)).toEqual(bytes)
    }
    const [ends] = await database.query('SELECT min(source_id) AS first, max(source_id) AS last FROM touch')
    expect(ends).toEqual({ first: '', last: '😀' })
  })
})

function touch(id: bigint, more: RowIn): RowIn {
  const ids = { ref_id: 1n, person_id: 1n, channel_id: 1n }
  return { tenant_id: 1, id, ...ids, source: 'csv', source_id: `${id}`, occurred_at: DAY, row_hash: id, ...more }
}

describe.each(ENGINES)('transactions on %s', (engine) => {
  test('that fail leave nothing', async () => {
    const database = await openTestDatabase(engine)
    const attempt = database.write(async (tx) => {
      await tx.upsert('contact', [contact(1n, 1n)], [])
      await tx.insert('scope', [{ tenant_id: 1, kind: 'deal', id: 1n }])
      throw new RangeError('stop')
    })
    await expect(attempt).rejects.toThrow(new RangeError('stop'))
    expect([await count(database), await count(database, 'scope')]).toEqual([0n, 0n])
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    expect(await count(database)).toBe(1n)
  })

  test('with a failed statement keep nothing or everything, and say which', async () => {
    const database = await openTestDatabase(engine)
    const kept = await database
      .write(async (tx) => {
        await tx.upsert('contact', [contact(1n, 1n)], [])
        await tx.query('SELECT CAST($1 AS INTEGER)', ['no number']).catch(() => undefined)
      })
      .then(
        () => true,
        () => false,
      )
    expect(await count(database)).toBe(kept ? 1n : 0n)
  })

  test('queue up, so that writers never conflict', async () => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 0n)], []))
    const writers = Array.from({ length: 20 }, () =>
      database.write(async (tx) => {
        const [row] = await tx.query<{ row_hash: bigint }>('SELECT row_hash FROM contact')
        await tx.upsert('contact', [contact(1n, row!.row_hash + 1n)], [])
      }),
    )
    await Promise.all(writers)
    expect(await database.query('SELECT row_hash FROM contact')).toEqual([{ row_hash: 20n }])
  })

  test('that fail do not hold up the next one', async () => {
    const database = await openTestDatabase(engine)
    const results = await Promise.allSettled([
      database.write((tx) => tx.run('INSERT INTO nowhere VALUES (1)')),
      database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], [])),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  test('are seen by readers before or after, never in between', async () => {
    const database = await openTestDatabase(engine)
    const written = gate()
    const read = gate()
    const writer = database.write(async (tx) => {
      await tx.upsert('contact', [contact(1n, 1n)], [])
      written.open()
      await read.opened
      expect(await tx.query('SELECT id FROM contact')).toEqual([{ id: 1n }])
    })
    await written.opened
    expect(await count(database)).toBe(0n)
    read.open()
    await writer
    expect(await count(database)).toBe(1n)
  })

  test('write pairs, and readers beside them only ever see pairs', async () => {
    const database = await openTestDatabase(engine)
    let writing = true
    const seen: bigint[] = []
    const readers = [1, 2, 3].map(async () => {
      while (writing) seen.push(await count(database))
    })
    for (let i = 0n; i < 60n; i += 2n) {
      await database.write(async (tx) => {
        await tx.upsert('contact', [contact(i, 1n)], [])
        await tx.upsert('contact', [contact(i + 1n, 1n)], [])
      })
    }
    writing = false
    await Promise.all(readers)
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.filter((n) => n % 2n !== 0n)).toEqual([])
  })

  test('do not reach into a snapshot', async () => {
    const database = await openTestDatabase(engine)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    const seen = await database.snapshot(async (reader) => {
      const read = async () => (await reader.query<{ n: bigint }>('SELECT count(*) AS n FROM contact'))[0]!.n
      const before = await read()
      await database.write((tx) => tx.upsert('contact', [contact(2n, 1n)], []))
      return [before, await read(), await count(database)]
    })
    expect(seen).toEqual([1n, 1n, 2n])
  })

  test('do not reach into a stream, which has every row once', async () => {
    const database = await openTestDatabase(engine)
    const rows = Array.from({ length: 5000 }, (_, i) => ({ tenant_id: 1, kind: 'deal', id: BigInt(i) }))
    await database.write((tx) => tx.insert('scope', rows))
    const ids: bigint[] = []
    let batches = 0
    const text = 'SELECT id FROM scope WHERE tenant_id = $1 AND kind = $2 AND id < CAST($3 AS BIGINT) ORDER BY id'
    for await (const batch of database.stream<{ id: bigint }>(text, [1, 'de\u0000al', 2 ** 40])) {
      if (batches++ === 0) await database.write((tx) => tx.run('DELETE FROM scope'))
      for (const row of batch) ids.push(row.id)
    }
    expect(batches).toBeGreaterThan(1)
    expect(ids).toEqual(rows.map(({ id }) => id))
    for await (const batch of database.stream('SELECT id FROM scope')) expect(batch).toEqual([])
  })

  test('and reads go on when streams are left early or fail', async () => {
    const database = await openTestDatabase(engine)
    for (let i = 0; i < 10; i++) {
      for await (const batch of database.stream('SELECT i FROM generate_series(1, 50000) AS s(i)')) {
        expect(batch.length).toBeGreaterThan(0)
        break
      }
      const failed = async () => {
        for await (const _ of database.stream('SELECT nothing FROM nowhere')) expect.unreachable()
      }
      await expect(failed()).rejects.toThrow(/nowhere/)
      expect(await count(database)).toBe(0n)
    }
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    expect(await count(database)).toBe(1n)
  })

  test('take no statement after their end', async () => {
    const database = await openTestDatabase(engine)
    const late = await database.write(async (tx) => () => tx.run(`INSERT INTO scope VALUES (1, 'deal', 1)`))
    await expect(late()).rejects.toThrow()
    expect(await count(database, 'scope')).toBe(0n)
  })

  test('reorder tables without a change', async () => {
    const database = await openTestDatabase(engine)
    const rows = [3n, 1n, 2n].map((id) => touch(id, { person_id: 9n - id }))
    await database.write((tx) => tx.upsert('touch', rows, []))
    const before = await database.query('SELECT * FROM touch ORDER BY id')
    await database.recluster()
    expect(await database.query('SELECT * FROM touch ORDER BY id')).toEqual(before)
  })
})

describe('DuckDB', () => {
  test('opened twice in one process shares its rows', async () => {
    const first = await openTestDatabase('duckdb', { file: true })
    const second = await openDuckDB(first.place)
    await second.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    await first.write((tx) => tx.upsert('contact', [contact(2n, 1n)], []))
    expect([await count(first), await count(second)]).toEqual([2n, 2n])
    await second.close()
    await first.write((tx) => tx.upsert('contact', [contact(3n, 1n)], []))
    expect(await count(first)).toBe(3n)
  })

  test('keeps its rows when closed', async () => {
    const file = join(await temporaryFolder(), 'facts.duckdb')
    const first = await openDuckDB(file)
    await migrate(first)
    await first.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    await first.close()
    const second = await openDuckDB(file)
    await migrate(second)
    expect(await count(second)).toBe(1n)
    await second.close()
  })

  test('refuses a second process and says what to do', async () => {
    const first = await openTestDatabase('duckdb', { file: true })
    const module = JSON.stringify(new URL('../src/db/duckdb.ts', import.meta.url).href)
    const program = `
      const { openDuckDB } = await import(${module})
      const print = (error) => console.log(JSON.stringify([error.kind, error.code, error.text, error.remedy]))
      await openDuckDB(${JSON.stringify(first.place)}).then(() => console.log('opened'), print)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    const [kind, code, text, remedy] = JSON.parse(stdout)
    expect([kind, code]).toEqual(['unavailable', 'store_locked'])
    expect(text.en).toContain('in use by another process')
    expect(remedy).toEqual({ en: expect.stringContaining('--data'), 'zh-CN': expect.stringContaining('--data') })
    await first.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
  })

  test.each([
    `SELECT * FROM read_csv('/etc/passwd')`,
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM glob('/etc/*')`,
    `SELECT * FROM '/etc/passwd'`,
    `COPY scope FROM '/etc/passwd'`,
    `COPY scope TO '/tmp/roi-panel-leak.csv'`,
    `EXPORT DATABASE '/tmp/roi-panel-leak'`,
    `ATTACH '/tmp/roi-panel-leak.duckdb' AS leak`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    'SET autoinstall_known_extensions = true',
    'SET lock_configuration = false',
  ])('refuses the outside: %s', async (text) => {
    const database = await openTestDatabase('duckdb')
    const refusal = /Permission Error|configuration has been locked|does not exist/
    await expect(database.query(text)).rejects.toThrow(refusal)
    await expect(database.write((tx) => tx.run(text))).rejects.toThrow(refusal)
  })

  test.each<[string, (file: Buffer) => Buffer]>([
    ['no database at all', () => Buffer.from('id,name\n1,Ann\n'.repeat(2000))],
    ['an empty file', () => Buffer.alloc(0)],
    ['a few bytes', (file) => file.subarray(0, 100)],
    ['half of the file', (file) => file.subarray(0, file.length / 2)],
    ['another head', (file) => Buffer.concat([Buffer.alloc(4096, 7), file.subarray(4096)])],
    ['other pointers', (file) => Buffer.concat([file.subarray(0, 4096), Buffer.alloc(8192, 7), file.subarray(12_288)])],
    ['other content', (file) => Buffer.concat([file.subarray(0, 12_288), Buffer.alloc(file.length - 12_288, 7)])],
    ['zeroes', (file) => Buffer.alloc(file.length)],
  ])('says that a file is damaged: %s', async (_, damage) => {
    const folder = await temporaryFolder()
    const file = join(folder, 'facts.duckdb')
    const database = await openDuckDB(file)
    await migrate(database)
    await database.close()
    const damaged = join(folder, 'damaged.duckdb')
    await writeFile(damaged, damage(await readFile(file)))
    expect(await failure(openDuckDB(damaged))).toMatchObject({ kind: 'unavailable', code: 'store_damaged' })
  })
})

describe('PostgreSQL', () => {
  test('names the column that has no whole number', async () => {
    const database = await openTestDatabase('postgres')
    const average = 'SELECT avg(id) AS mean FROM (VALUES (CAST(1 AS BIGINT)), (CAST(2 AS BIGINT))) AS v(id)'
    await expect(database.query(average)).rejects.toThrow(/"mean".*CAST/)
  })

  test('runs one statement per text', async () => {
    const database = await openTestDatabase('postgres')
    await expect(database.query('SELECT 1 AS one; SELECT 2 AS two')).rejects.toThrow(/multiple commands/)
  })

  test('refuses a wrong password without printing it', async () => {
    const { url, drop } = await createDatabase('empty')
    onTestFinished(drop)
    const wrong = new URL(url)
    wrong.password = 's3cret-password'
    const error = await failure(openPostgres(wrong.href))
    expect(error).toMatchObject({ kind: 'unavailable', code: 'store_login' })
    expectSilence(error, 's3cret-password', new URL(url).password)
    const none = new URL(url)
    none.password = ''
    expect(await failure(openPostgres(none.href))).toMatchObject({ code: 'store_login' })
  })

  test('that does not run is unreachable', async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    await new Promise((resolve) => server.close(resolve))
    for (const host of ['127.0.0.1', 'localhost']) {
      const error = await failure(openPostgres(`postgres://roi:s3cret-password@${host}:${port}/roi`))
      expect(error).toMatchObject({ kind: 'unavailable', code: 'store_unreachable' })
      expect(error.remedy).toBeDefined()
      expect(error.text.en).toContain(`${host}:${port}/roi`)
      expectSilence(error, 's3cret-password')
    }
  })

  test('that does not answer is unreachable', async () => {
    const server = createServer(() => undefined)
    onTestFinished(() => void server.close())
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    const attempt = openPostgres(`postgres://roi:s3cret-password@127.0.0.1:${port}/roi`, { connectTimeout: 100 })
    expect(await failure(attempt)).toMatchObject({ code: 'store_unreachable' })
  })

  test.each([
    'postgres://roi:s3cret#pass@127.0.0.1/roi',
    'postgres://roi:s3cret@127.0.0.1:54x2/roi',
    'mysql://roi:s3cret@127.0.0.1/roi',
    's3cret',
    '',
  ])('refuses a URL it cannot read without printing it: %s', async (url) => {
    const error = await failure(openPostgres(url))
    expect(error).toMatchObject({ kind: 'usage', code: 'store_url' })
    expectSilence(error, 's3cret')
  })

  test('says that a database is missing', async () => {
    const { url, drop } = await createDatabase('empty')
    await drop()
    expect(await failure(openPostgres(url))).toMatchObject({ code: 'store_missing' })
  })

  test('refuses a database that cannot hold all text', async () => {
    const { url, drop } = await createDatabase('empty')
    onTestFinished(drop)
    const ascii = new URL(url)
    ascii.pathname += '_ascii'
    await administer(url, `CREATE DATABASE ${ascii.pathname.slice(1)} TEMPLATE template0 ENCODING 'SQL_ASCII'`)
    onTestFinished(() => administer(url, `DROP DATABASE ${ascii.pathname.slice(1)} WITH (FORCE)`))
    expect(await failure(openPostgres(ascii.href))).toMatchObject({ kind: 'usage', code: 'store_unsuited' })
  })

  test('says that a right is missing', async () => {
    const database = await openTestDatabase('postgres')
    const attempt = database.query(`SELECT pg_read_file('/etc/passwd') AS text`)
    expect(await failure(attempt)).toMatchObject({ code: 'store_forbidden' })
  })

  test('lives on when the server ends its connections', async () => {
    const idle: Error[] = []
    const database = await openTestDatabase('postgres', { postgres: { onIdleError: (error) => idle.push(error) } })
    const others =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
    const attempt = database.write(async (tx) => {
      await tx.upsert('contact', [contact(1n, 1n)], [])
      await administer(database.place, others)
      // Longer than the server needs to say goodbye: it arrives while no statement runs.
      await new Promise((resolve) => setTimeout(resolve, 100))
      await tx.upsert('contact', [contact(2n, 1n)], [])
    })
    expect(await failure(attempt)).toMatchObject({ kind: 'unavailable', code: 'store_unreachable' })
    expect(idle.length).toBeGreaterThan(0)
    expect(await count(database)).toBe(0n)
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    expect(await count(database)).toBe(1n)
  })

  test('lets reads wait for a free connection', async () => {
    const database = await openTestDatabase('postgres', { postgres: { readers: 1, connectTimeout: 100 } })
    const slow = () => database.query(`SELECT 1 AS one FROM (SELECT pg_sleep(0.15)) AS pause`)
    expect(await Promise.all([slow(), slow(), slow()])).toEqual([[{ one: 1 }], [{ one: 1 }], [{ one: 1 }]])
  })

  test('stops a read that takes too long', async () => {
    const database = await openTestDatabase('postgres', { postgres: { readTimeout: 50 } })
    const slow = database.query('SELECT count(*) AS n FROM generate_series(1, 100000000)')
    expect(await failure(slow)).toMatchObject({ kind: 'unavailable', code: 'store_timeout' })
    expect(await count(database)).toBe(0n)
  })

  test('does not wait for ever for a row another process holds', async () => {
    const database = await openTestDatabase('postgres')
    const other = await openPostgres(database.place, { lockTimeout: 50 })
    await database.write((tx) => tx.upsert('contact', [contact(1n, 1n)], []))
    const busy = await database.write(async (tx) => {
      await tx.upsert('contact', [contact(1n, 2n)], [])
      return failure(other.write((tx) => tx.upsert('contact', [contact(1n, 3n)], [])))
    })
    expect(busy).toMatchObject({ kind: 'unavailable', code: 'store_busy' })
    await other.close()
  })

  test('keeps the newest version when processes write the same records at once', async () => {
    const database = await openTestDatabase('postgres')
    const stores = await Promise.all([1, 2, 3].map(() => openPostgres(database.place)))
    const versions = Array.from({ length: 30 }, (_, i) => i + 1)
    const order = versions.toSorted((left, right) => ((left * 7) % 31) - ((right * 7) % 31))
    await Promise.all(
      order.map((version, i) => {
        const rows = Array.from({ length: 50 }, (_, id) =>
          contact(BigInt(id), BigInt(version), { updated_at: version }),
        )
        return stores[i % 3]!.write((tx) => tx.upsert('contact', i % 2 ? rows : rows.toReversed(), []))
      }),
    )
    const hashes = await database.query('SELECT row_hash, count(*) AS n FROM contact GROUP BY row_hash')
    expect(hashes).toEqual([{ row_hash: 30n, n: 50n }])
    await Promise.all(stores.map((store) => store.close()))
  })

  test('runs statements of one transaction in turn', async () => {
    const database = await openTestDatabase('postgres')
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    onTestFinished(() => void process.off('warning', listen))
    await database.write((tx) => Promise.all([1n, 2n, 3n].map((id) => tx.upsert('contact', [contact(id, 1n)], []))))
    expect(await count(database)).toBe(3n)
    expect(warnings).toEqual([])
  })
})

function expectSilence(error: RoiError, ...secrets: string[]): void {
  const everything = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.describe('zh-CN')
  for (const secret of secrets) expect(everything).not.toContain(secret)
}

async function administer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
