import { spawn } from 'node:child_process'
import { globSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { RoiError, type Text } from '../errors.ts'
import { DIST } from './pages.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CONFIG = 'widget/vite.config.ts'
const BUILT = ['widget/roi-panel.js', 'page/index.html']
/** A build takes about a second; a lock older than this was left by a kill. */
const STALE_LOCK_MS = 60_000

/**
 * Makes sure that the page and the widget are there and as new as their sources, so that a clone runs without a build
 * step. An installation without vite serves what it came with.
 * @returns what people should know: an older page is served because the newer one does not build
 * @throws RoiError `page_missing`, `build_failed` when there is no page at all
 */
export async function ensureBuilt(signal: AbortSignal): Promise<Text | undefined> {
  if (isFresh()) return undefined
  const vite = findVite()
  if (!vite) {
    if (exists()) return undefined
    throw notBuilt()
  }
  const release = await lock(signal)
  try {
    // Another process may have built it while we waited.
    const failure = isFresh() ? undefined : await run(vite, signal)
    if (failure === undefined) return undefined
    if (!exists()) throw failed(failure)
    return {
      en: `The page is an older one: the new one does not build. ${failure}`,
      'zh-CN': `当前显示旧页面：新页面构建失败。${failure}`,
    }
  } finally {
    release()
  }
}

function isFresh(): boolean {
  const oldest = Math.min(...BUILT.map((file) => mtime(join(DIST, file))))
  const sources = globSync('widget/**/*.{ts,css,html,svg,json}', { cwd: ROOT })
  return oldest > 0 && sources.every((file) => mtime(join(ROOT, file)) <= oldest)
}

function exists(): boolean {
  return BUILT.every((file) => mtime(join(DIST, file)) > 0)
}

function mtime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function findVite(): string | undefined {
  if (mtime(join(ROOT, CONFIG)) === 0) return undefined
  try {
    return join(createRequire(import.meta.url).resolve('vite/package.json'), '..', 'bin', 'vite.js')
  } catch {
    return undefined
  }
}

/** One build at a time: each empties the folders it writes. */
async function lock(signal: AbortSignal): Promise<() => void> {
  const path = join(DIST, '.building')
  mkdirSync(DIST, { recursive: true })
  for (;;) {
    try {
      mkdirSync(path)
      return () => rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      if (Date.now() - mtime(path) > STALE_LOCK_MS) rmSync(path, { recursive: true, force: true })
      else await sleep(100, undefined, { signal })
    }
  }
}

/**
 * In a process of its own: the server opens its stores meanwhile and never holds a bundler in memory.
 * @returns the first lines of what went wrong
 */
async function run(vite: string, signal: AbortSignal): Promise<string | undefined> {
  const args = [vite, 'build', '--config', CONFIG, '--logLevel', 'error']
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], signal })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, 4000)
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return code === 0 ? undefined : stripVTControlCharacters(output).trim().split('\n').slice(0, 6).join('\n')
}

function failed(output: string): RoiError {
  return new RoiError(
    'failure',
    'build_failed',
    { en: `The page could not be built: ${output}\n`, 'zh-CN': `页面构建失败：${output}\n` },
    { en: 'Run "npm ci", then try again.', 'zh-CN': '请运行 “npm ci” 后重试。' },
  )
}

function notBuilt(): RoiError {
  return new RoiError(
    'unavailable',
    'page_missing',
    { en: 'The page is not built.', 'zh-CN': '页面尚未构建。' },
    { en: 'Run "npm ci" and "npm run build" first.', 'zh-CN': '请先运行 “npm ci” 和 “npm run build”。' },
  )
}
