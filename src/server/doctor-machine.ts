import { stat, statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Text } from '../errors.ts'
import type { Check, DoctorEnv } from './doctor.ts'

/** The checks of program, disk, store and keys. */

interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
}

export async function versionCheck({ database }: DoctorEnv): Promise<Check> {
  const { version, engines } = createRequire(import.meta.url)('../../package.json') as Manifest
  const [row] = await database.query<{ version: number }>(
    'SELECT CAST(max(version) AS INTEGER) AS version FROM schema_version',
  )
  const found = `roi-panel ${version}, Node ${process.versions.node}`
  const message = {
    en: `${found}, fact store version ${row?.version ?? 0}.`,
    'zh-CN': `${found}，事实库版本 ${row?.version ?? 0}。`,
  }
  if (isAtLeast(process.versions.node, engines.node)) return { check: 'version', state: 'ok', message }
  return {
    check: 'version',
    state: 'warn',
    message,
    remedy: { en: `Use Node ${engines.node}.`, 'zh-CN': `请使用 Node ${engines.node}。` },
  }
}

/** Whether a version fits a range of the form `>=22.20`. */
export function isAtLeast(version: string, range: string): boolean {
  const parts = (text: string) => text.split('.').map((part) => Number.parseInt(part.replace(/\D/g, ''), 10) || 0)
  const [have, want] = [parts(version), parts(range)]
  for (const [i, wanted] of want.entries()) {
    const difference = (have[i] ?? 0) - wanted
    if (difference !== 0) return difference > 0
  }
  return true
}

/** Less free space than this stops the work soon. */
const SCARCE = 200 * 1024 ** 2
const COMFORTABLE = 2 * 1024 ** 3

export async function diskCheck({ dataDir, database }: DoctorEnv): Promise<Check> {
  const { bavail, bsize } = await statfs(dataDir)
  const free = bavail * bsize
  const facts = database.profile.kind === 'embedded' ? await sizeOf(join(dataDir, 'facts.duckdb')) : 0
  const message = {
    en: `${gigabytes(free)} free for the data directory${facts > 0 ? `, whose fact store has ${gigabytes(facts)}` : ''}.`,
    'zh-CN': `数据目录可用空间 ${gigabytes(free)}${facts > 0 ? `，事实库占用 ${gigabytes(facts)}` : ''}。`,
  }
  const remedy = {
    en: 'Free some space, or move the data directory to a larger disk (--data DIR).',
    'zh-CN': '请清理空间，或将数据目录移到更大的磁盘（--data DIR）。',
  }
  if (free < SCARCE) return { check: 'disk', state: 'fail', message, remedy }
  // A rebuild needs room for a second store beside the first.
  if (free < Math.max(COMFORTABLE, facts)) return { check: 'disk', state: 'warn', message, remedy }
  return { check: 'disk', state: 'ok', message }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

function gigabytes(bytes: number): string {
  return bytes < 1024 ** 3 ? `${Math.round(bytes / 1024 ** 2)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`
}

const KINDS: Readonly<Record<string, Text>> = {
  embedded: { en: 'The fact store is a file of the data directory', 'zh-CN': '事实库为数据目录中的文件' },
  server: { en: 'Facts and state are in PostgreSQL', 'zh-CN': '事实与状态保存在 PostgreSQL' },
  distributed: { en: 'Facts and state are in a distributed PostgreSQL', 'zh-CN': '事实与状态保存在分布式 PostgreSQL' },
}

/** That a transaction reaches the disk is proved by one: a row that is gone again when it ends. */
export async function databaseCheck({ database, state }: DoctorEnv): Promise<Check> {
  const start = performance.now()
  await database.write(async (tx) => {
    await tx.run(`INSERT INTO sync_cursor VALUES (0, 'doctor', 'doctor', '')`)
    await tx.run(`DELETE FROM sync_cursor WHERE tenant_id = 0 AND connection = 'doctor'`)
  })
  await state.workspaces()
  const ms = Math.round(performance.now() - start)
  const kind = KINDS[database.profile.kind] as Text
  return {
    check: 'database',
    state: 'ok',
    message: {
      en: `${kind.en}; open, migrated and writable (${ms} ms).`,
      'zh-CN': `${kind['zh-CN']}；已打开、已迁移、可写（${ms} 毫秒）。`,
    },
  }
}

/** Files that nobody but their owner may read. */
const PRIVATE = ['state.sqlite', 'keys', 'owner.json']

export async function keysCheck({ database, dataDir, state }: DoctorEnv): Promise<Check> {
  const keys = await state.keys()
  const missing = keys.filter(({ known }) => !known)
  if (missing.length > 0) {
    const ids = missing.map(({ id }) => id).join(', ')
    const secrets = missing.reduce((sum, key) => sum + key.secrets, 0)
    return {
      check: 'keys',
      state: 'fail',
      message: {
        en: `${secrets} secrets are sealed with keys that are not there: ${ids}.`,
        'zh-CN': `${secrets} 个机密信息使用了缺失的密钥加密：${ids}。`,
      },
      remedy: {
        en: 'Bring the keys back (file "keys" of the data directory, or ROI_PANEL_KEYS), or connect those sources again.',
        'zh-CN': '请恢复密钥（数据目录中的 keys 文件或 ROI_PANEL_KEYS），或重新连接相关数据源。',
      },
    }
  }
  const open = database.profile.kind === 'embedded' ? await openFiles(dataDir) : []
  if (open.length > 0) {
    return {
      check: 'keys',
      state: 'warn',
      message: {
        en: `Others on this machine may read: ${open.join(', ')}.`,
        'zh-CN': `本机其他用户可读取：${open.join('、')}。`,
      },
      remedy: {
        en: `Run: chmod 600 ${open.join(' ')} in the data directory.`,
        'zh-CN': `请在数据目录中运行：chmod 600 ${open.join(' ')}`,
      },
    }
  }
  const sealed = keys.reduce((sum, { secrets }) => sum + secrets, 0)
  return {
    check: 'keys',
    state: 'ok',
    message: {
      en: `${sealed} secrets are sealed, all keys are there.`,
      'zh-CN': `已加密 ${sealed} 个机密信息，密钥齐全。`,
    },
  }
}

async function openFiles(dataDir: string): Promise<string[]> {
  if (process.platform === 'win32') return []
  const modes = await Promise.all(
    PRIVATE.map((name) =>
      stat(join(dataDir, name)).then(
        ({ mode }) => mode,
        () => 0,
      ),
    ),
  )
  return PRIVATE.filter((_, i) => ((modes[i] ?? 0) & 0o077) !== 0)
}
