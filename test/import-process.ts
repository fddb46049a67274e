import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Database } from '../src/db/database.ts'
import { openDuckDB } from '../src/db/duckdb.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { openState } from '../src/state/sqlite.ts'

const CHILD = join(import.meta.dirname, 'support', 'import-child.ts')

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
export function run(dataDir: string, input: string, { delay, blocks }: Conditions = {}): Promise<Ended> {
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
export async function contents(dataDir: string) {
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
