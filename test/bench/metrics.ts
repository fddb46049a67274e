import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recompute } from '../../src/attribution/recompute.ts'
import type { Database } from '../../src/db/database.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { Settings } from '../../src/model/settings.ts'
import { attributionSettings } from '../../src/sync/workspace.ts'
import { createDatabase, POSTGRES_VARIABLE, startPostgres } from '../support/postgres.ts'
import { copy, enrich, fill, SIZES, type Size } from './data.ts'
import { type Figure, median, percentile, time } from './figure.ts'
import { QUESTIONS } from './metrics-questions.ts'

/** How often a question is asked: until this many answers or this many milliseconds, whichever comes first, but thrice. */
const REPEATS = 20
const BUDGET_MS = 20_000
const LEAST = 3
/** Ten times the data may take ten times as long. */
const LINEAR = 10

const workspace = { key: 'w', title: 'w', tenant: 1, settings: Settings.parse({ zone: 'UTC' }) }

/** Milliseconds per question. */
type Times = ReadonlyMap<string, readonly number[]>

/**
 * The full set of metrics at 1 M touches, 100 k deals and 100 k costs on both engines.
 * @param large adds 10 M touches and 1 M deals on DuckDB, with how much longer each question takes there
 * @param touches another size, to try it
 */
export async function metricFigures(large: boolean, touches?: number): Promise<Figure[]> {
  const size = touches === undefined ? SIZES['1M'] : { touches, deals: touches / 10, costs: touches / 10 }
  const label = touches === undefined ? '1M' : String(touches)
  const both = await onBothEngines(size)
  const figures = [...both.entries()].flatMap(([engine, times]) => figuresOf(times, `${engine}, ${label}`))
  figures.sort((a, b) => order(a) - order(b))
  if (!large) return figures
  const more = await onDuckDB(SIZES['10M'], measure)
  const growth = [...more].map(([name, times]): Figure => {
    const value = median(times) / median(both.get('DuckDB')!.get(name)!)
    return { name: `metrics: ${name}, DuckDB, growth from ${label} to 10M`, value, unit: '×', target: LINEAR }
  })
  return [...figures, ...figuresOf(more, 'DuckDB, 10M'), ...growth]
}

/** The same question on both engines side by side. */
function order({ name }: Figure): number {
  return QUESTIONS.findIndex(
    (question) =>
      name.startsWith(`metrics: ${question.name}, DuckDB`) || name.startsWith(`metrics: ${question.name}, PostgreSQL`),
  )
}

function figuresOf(times: Times, where: string): Figure[] {
  return [...times].flatMap(([name, samples]): Figure[] => [
    { name: `metrics: ${name}, ${where}, p50`, value: median(samples), unit: 'ms' },
    { name: `metrics: ${name}, ${where}, p95`, value: percentile(samples, 0.95), unit: 'ms' },
  ])
}

async function onBothEngines(size: Size): Promise<Map<'DuckDB' | 'PostgreSQL', Times>> {
  const server = await startPostgres()
  process.env[POSTGRES_VARIABLE] = server.url
  try {
    const { url, drop } = await createDatabase()
    const postgres = await openPostgres(url)
    try {
      const first = await onDuckDB(size, async (duckdb) => {
        await copy(duckdb, postgres)
        return measure(duckdb)
      })
      return new Map([
        ['DuckDB', first],
        ['PostgreSQL', await measure(postgres)],
      ])
    } finally {
      await postgres.close()
      await drop()
    }
  } finally {
    await server.stop()
  }
}

async function onDuckDB(size: Size, work: (database: Database) => Promise<Times>): Promise<Times> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-bench-'))
  try {
    const database = await openDuckDB(join(folder, 'facts.duckdb'), { tempDirectory: join(folder, 'tmp') })
    try {
      await migrate(database)
      await fill(database, size)
      await enrich(database, size)
      return await work(database)
    } finally {
      await database.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Asks every question of a store whose ledger is up to date. */
async function measure(database: Database): Promise<Times> {
  await recompute(database, workspace.tenant, attributionSettings(workspace.settings), true)
  if (database.profile.indexes) await database.write((tx) => tx.run('ANALYZE'))
  const times = new Map<string, number[]>()
  for (const { name, ask } of QUESTIONS) {
    const samples: number[] = []
    const until = performance.now() + BUDGET_MS
    for (let i = 0; i < REPEATS && (i < LEAST || performance.now() < until); i += 1) {
      samples.push(await time(() => ask(database, workspace, i)))
    }
    times.set(name, samples)
  }
  return times
}
