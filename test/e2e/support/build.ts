import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createBuilder, version } from 'vite'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Where widget/vite.config.ts writes, by mode. */
const OUT = { production: 'dist', test: 'test/e2e/artefacts/build' } as const
const LOCK_STALE_MS = 60_000

/** Directories a build wrote. */
export interface Built {
  readonly widget: string
  readonly page: string
}

/**
 * Builds the widget and the plain page unless the last build is of the same sources. Safe to call from several test
 * files, and processes, at once: one builds, the others wait.
 * @param mode `production` is what is published; `test` has an open shadow root and lies apart
 */
export async function buildWidget(mode: 'production' | 'test'): Promise<Built> {
  const out = join(ROOT, OUT[mode])
  const built = { widget: join(out, 'widget'), page: join(out, 'page') }
  const stamp = join(out, '.sources')
  const digest = await digestOfSources()
  const isFresh = async () =>
    existsSync(join(built.widget, 'roi-panel.js')) &&
    existsSync(join(built.page, 'index.html')) &&
    (await readFile(stamp, 'utf8').catch(() => '')) === digest
  if (await isFresh()) return built
  await mkdir(out, { recursive: true })
  const unlock = await lock(join(out, '.building'))
  try {
    if (await isFresh()) return built
    await build(mode)
    await writeFile(stamp, digest)
  } finally {
    await unlock()
  }
  return built
}

/** A test runner sets NODE_ENV=test, which would bundle Lit's development build. */
async function build(mode: string): Promise<void> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    const builder = await createBuilder({ configFile: join(ROOT, 'widget/vite.config.ts'), mode }, null)
    await builder.buildApp()
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256').update(version)
  const files = await readdir(join(ROOT, 'widget'), { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  paths.push(join(ROOT, 'package-lock.json'))
  for (const path of paths.sort()) hash.update(path).update(await readFile(path))
  return hash.digest('hex')
}

/** A directory as a lock, in `dist` the same as that of `serve` (src/server/build.ts): making it is atomic. One left behind by a killed process is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await mkdir(path)
      return () => rm(path, { recursive: true, force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs
      if (age > LOCK_STALE_MS) await rm(path, { recursive: true, force: true })
      else await wait(100)
    }
  }
}
