import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { type App, openApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { RowIn } from '../../src/db/schema.ts'
import { createLog } from '../../src/log.ts'
import { QUIET } from '../../src/server/services.ts'
import { type Figure, time } from './figure.ts'

const ROWS = 500_000
const BATCH = 10_000

/** A touches file through detection, parsing, validation, store, journeys and ledger; and the store alone. */
export async function importFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-bench-'))
  try {
    const file = join(folder, 'touches.csv')
    await writeTouches(file)
    const app = await openApp(loadConfig({}, { dataDir: join(folder, 'data') }), { log: createLog('silent') })
    let read = 0
    const started = performance.now()
    const whole = await time(() =>
      importTouches(app, file, (task) => {
        if (task !== 'recompute') read = performance.now() - started
      }),
    )
    const again = await time(() => importTouches(app, file, () => undefined))
    await app.close()
    return [
      {
        name: `import of ${ROWS} touches: parse, validate, store`,
        value: ROWS / (read / 1000),
        unit: 'rows/s',
        target: 40_000,
      },
      { name: 'the same with identity, channels and ledger', value: ROWS / (whole / 1000), unit: 'rows/s' },
      { name: 'the same file again, nothing changed', value: ROWS / (again / 1000), unit: 'rows/s' },
      await storeAlone(folder),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function importTouches(app: App, path: string, onTask: (task: string) => void): Promise<void> {
  await app.import({ workspace: 'main', files: [{ path }], dry_run: false } as Parameters<App['import']>[0], {
    ...QUIET,
    progress: ({ task }) => onTask(task),
  })
}

/** Touches of 100,000 people over two years, by channel and campaign, as an export would hold them. */
async function writeTouches(path: string): Promise<void> {
  const out = createWriteStream(path)
  out.write('touch_id,contact_id,occurred_at,channel,campaign_id,kind,utm_source,utm_medium,utm_campaign,landing_url\n')
  let state = 7
  const next = (limit: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % limit
  }
  for (let i = 0; i < ROWS; i += 1) {
    const at = new Date(Date.UTC(2024, 0, 1) + next(700 * 86_400) * 1000).toISOString()
    const campaign = next(500)
    const row = `t${i},c${next(100_000)},${at},channel ${campaign % 12},k${campaign},visit,source${campaign % 9},cpc,spring,https://example.com/p/${next(1000)}\n`
    if (!out.write(row)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}

/** Upserts of typed rows in batches, one transaction each. */
async function storeAlone(folder: string): Promise<Figure> {
  const database = await openDuckDB(join(folder, 'store.duckdb'))
  await migrate(database)
  const batches: RowIn[][] = []
  for (let start = 0; start < ROWS; start += BATCH) {
    batches.push(
      Array.from({ length: BATCH }, (_, i) => {
        const n = BigInt(start + i)
        const common = {
          tenant_id: 1,
          id: n,
          source: 'bench',
          source_id: `t${n}`,
          ref_id: n % 1000n,
          person_id: n % 1000n,
        }
        return { ...common, occurred_at: 1_700_000_000_000 + (start + i) * 1000, channel_id: n % 12n, row_hash: n }
      }),
    )
  }
  const elapsed = await time(async () => {
    for (const rows of batches) await database.write((tx) => tx.upsert('touch', rows, []))
  })
  await database.close()
  return { name: 'store alone, batches of 10,000', value: ROWS / (elapsed / 1000), unit: 'rows/s', target: 150_000 }
}
