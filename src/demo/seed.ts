import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Progress, QUIET, type Services } from '../server/services.ts'
import { writeDemoFiles } from './files.ts'
import { DEMO_SETS, type DemoSet } from './sets.ts'

/** Changes with the files, so that an older demo is brought up to date. */
const EDITION = '1'

/** What seeding needs of the product. */
export interface DemoTarget extends Pick<Services, 'import'> {
  openWorkspace(key: string, title: string): Promise<void>
}

/** Brings the reference sets in as a user would: real files in the data directory, imported. Once. */
export async function seedDemo(
  target: DemoTarget,
  dataDir: string,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  for (const set of DEMO_SETS) {
    const folder = join(dataDir, set.folder)
    const mark = join(folder, '.seeded')
    if ((await readFile(mark, 'utf8').catch(() => '')) === EDITION) continue
    await seed(target, set, folder, onProgress)
    // Last: a demo that was interrupted is seeded again.
    await writeFile(mark, EDITION)
  }
}

async function seed(
  target: DemoTarget,
  set: DemoSet,
  folder: string,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const files = await writeDemoFiles(set, folder)
  await target.openWorkspace(set.workspace, set.title)
  const ask = { workspace: set.workspace, dry_run: false, files: files.map((path) => ({ path })) }
  const result = await target.import(ask, { ...QUIET, progress: onProgress })
  const refused = result.files.find((file) => file.rejected_count > 0)
  if (refused) throw new Error(`demo file ${refused.file}: ${refused.rejected[0]?.message}`)
}

/** Everything a demo may have left in its data directory. */
const LEFTOVERS = ['facts.duckdb', 'facts.duckdb.wal', 'state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm', 'files']

/** Takes the demo's data away, so that it is seeded again. Only while nobody has it open. */
export async function forgetDemo(dataDir: string): Promise<void> {
  for (const name of [...LEFTOVERS, ...DEMO_SETS.map((set) => set.folder)]) {
    await rm(join(dataDir, name), { recursive: true, force: true })
  }
}
