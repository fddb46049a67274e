import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { openDuckDB } from '../src/db/duckdb.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { openState } from '../src/state/sqlite.ts'
import { folderOf, generator, type Texts, temporaryFolder, world } from './import-kit.ts'

const CHILD = join(import.meta.dirname, 'support', 'import-child.ts')
const KILLS = 10
/** Milliseconds for all of it; a machine too slow for ten kills gets fewer, but these. */
const BUDGET = 57_000
const LEAST_KILLS = 3

interface Ended {
  readonly killed: boolean
  readonly code: number | null
  readonly errors: string
  readonly milliseconds: number
}

interface Conditions {
  /** Milliseconds until it is killed -9, unless it is done by then. */
  readonly delay?: number
  /** Size no file may grow beyond, in units of 512 bytes: to the program this is a full disk. */
  readonly blocks?: number
}

/** Imports in a process of its own. */
function run(dataDir: string, input: string, { delay, blocks }: Conditions = {}): Promise<Ended> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    // The shell becomes the program, so that the kill meets it.
    const limit = blocks === undefined ? '' : `ulimit -f ${blocks} && `
    const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', process.execPath, CHILD, dataDir, input], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const timer = delay === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), delay)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ killed: signal === 'SIGKILL', code, errors, milliseconds: performance.now() - started })
    })
  })
}

const LEDGER = RULE_MODELS.flatMap((model) => [`w_${model}`, `m_${model}`])

/** What is compared: every fact but run numbers and cursors; the rollup by cell. */
const CONTENTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'campaign',
      'cost',
      'contact',
      'account',
      'touch',
      'deal',
      'stage_change',
      'payment',
      'deal_contact',
      'deal_person',
      'identity',
      'source_key',
      'channel',
      'dirty',
      'scope',
    ].map((table) => [table, `SELECT * FROM ${table}`]),
  ),
  outcome: 'SELECT * EXCLUDE (run) FROM outcome',
  credit: 'SELECT * EXCLUDE (run) FROM credit',
  rollup: `SELECT kind, month, is_new, campaign_id, channel_id, ${LEDGER.map((column) => `sum(${column})`).join(', ')}
           FROM rollup GROUP BY ALL`,
}

async function fingerprint(database: Database): Promise<Record<string, string>> {
  const tables: Record<string, string> = {}
  for (const [name, content] of Object.entries(CONTENTS)) {
    const [row] = await database.query<{ n: bigint; digest: string }>(
      `SELECT count(*) AS n, coalesce(md5(string_agg(row, '' ORDER BY row)), '') AS digest
       FROM (SELECT md5(CAST(t AS VARCHAR)) AS row FROM (${content}) AS t) AS rows`,
    )
    tables[name] = `${row!.n} ${row!.digest}`
  }
  return tables
}

/** Facts, imports and quarantine in a data directory. */
async function contents(dataDir: string) {
  const database = await openDuckDB(join(dataDir, 'facts.duckdb'))
  const state = openState(dataDir)
  try {
    const runs = await state.imports(1)
    const rejects = await state.rejects(1, runs[0]!.id)
    // Killed after its end was noted, an import is a second one when it runs again.
    const imports = [...new Set(runs.map(({ status }) => status))]
    return { facts: await fingerprint(database), imports, rejects }
  } finally {
    await database.close()
    await state.close()
  }
}

/** 200,000 rows, some of them bad. */
function input(): Texts {
  const texts = world(21, 500)
  const bad = Array.from({ length: 40 }, (_, i) => `bad${i},someday,1,ads,,\n`).join('')
  return { ...texts, 'costs.csv': `${texts['costs.csv']}\n${bad}` }
}

test('an import that is killed at any moment and run again ends like one that never was', async () => {
  const started = performance.now()
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = generator(seed)
  const texts = input()
  const rows = Object.values(texts).reduce((sum, text) => sum + text.split('\n').length - 1, 0)
  const folder = await folderOf(texts)
  let dataDir = await temporaryFolder()
  const reference = await run(dataDir, folder)
  expect(reference).toMatchObject({ code: 0, errors: '' })
  const expected = await contents(dataDir)
  expect(expected.imports).toEqual(['done'])
  expect(expected.rejects).toHaveLength(40)

  dataDir = await temporaryFolder()
  const kills: number[] = []
  // What is still to come: one more kill, the last run, and the comparison.
  const inTime = () => performance.now() - started + 2.2 * reference.milliseconds < BUDGET
  while (kills.length < LEAST_KILLS || (kills.length < KILLS && inTime())) {
    const delay = Math.round(reference.milliseconds * (0.05 + 0.9 * random()))
    const ended = await run(dataDir, folder, { delay })
    expect(ended.errors, `seed ${seed}, killed after ${kills.join(', ')}`).toBe('')
    if (ended.killed) kills.push(delay)
    else {
      // Faster than the first time, so it was done: compare it and begin once more.
      expect(await contents(dataDir), `seed ${seed}, killed after ${kills.join(', ')}`).toEqual(expected)
      dataDir = await temporaryFolder()
    }
  }
  console.log(
    `seed ${seed}: ${rows} rows in ${Math.round(reference.milliseconds)} ms, killed after ${kills.join(', ')} ms`,
  )
  expect(await run(dataDir, folder), `seed ${seed}`).toMatchObject({ code: 0, errors: '' })
  expect(await contents(dataDir), `seed ${seed}`).toEqual(expected)
}, 120_000)

test.each([
  ['the copy of a file', 200],
  ['the state store', 60],
  ['the fact store', 6000],
])(
  'a disk that is full while %s is written is named, and the same import completes once there is room',
  async (_, blocks) => {
    const texts = world(22, 60)
    const [folder, calm, dataDir] = [await folderOf(texts), await temporaryFolder(), await temporaryFolder()]
    expect(await run(calm, folder)).toMatchObject({ code: 0, errors: '' })
    const full = await run(dataDir, folder, { blocks })
    expect(full.code).toBe(1)
    expect(full.errors).toMatch(/disk_full/)
    expect(await run(dataDir, folder)).toMatchObject({ code: 0, errors: '' })
    expect(await contents(dataDir)).toEqual(await contents(calm))
  },
)
