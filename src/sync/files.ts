import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { RoiError, type Text } from '../errors.ts'
import { dataError } from '../state/errors.ts'

/**
 * Kept import files: `DATA/files/<sha256>`. They are what the facts of file imports are rebuilt from, so one is on disk
 * whole before anything that depends on it is written. Named by the server only, readable by their owner only.
 */
const NAME = /^[0-9a-f]{64}$/
const PARTIAL = '.part-'
const CHUNK = 1 << 15

/** A kept file. */
export interface KeptFile {
  /** SHA-256 of its bytes, in hex; its name for {@link openKept}. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** Path of a file, or its bytes. */
export type FileSource = string | Readable

export interface KeepOptions {
  /** Most bytes accepted; the rest is not read. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

function folderOf(dataDir: string): string {
  return join(dataDir, 'files')
}

/**
 * Copies a file into the data directory, in memory of a fixed size. A copy that is there already is replaced by the
 * same bytes, which also heals one that was damaged.
 * @throws RoiError `file_missing`, `file_unreadable`, `file_too_large`, `disk_full`, `data_unwritable`
 */
export async function keepFile(dataDir: string, source: FileSource, options: KeepOptions = {}): Promise<KeptFile> {
  const folder = folderOf(dataDir)
  const partial = join(folder, PARTIAL + randomBytes(8).toString('hex'))
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const kept = await copy(source, partial, options)
    await rename(partial, join(folder, kept.sha256))
    await flushFolder(folder)
    return kept
  } catch (error) {
    await rm(partial, { force: true })
    throw fileError(error, source)
  }
}

/** Copies and hashes without keeping: for a dry run of bytes that cannot be read twice. */
export async function copyFile(path: string, source: FileSource, options: KeepOptions = {}): Promise<KeptFile> {
  try {
    return await copy(source, path, options)
  } catch (error) {
    throw fileError(error, source)
  }
}

async function copy(source: FileSource, to: string, { limit, signal }: KeepOptions): Promise<KeptFile> {
  const hash = createHash('sha256')
  let size = 0
  const target = await open(to, 'wx', 0o600)
  try {
    for await (const chunk of readerOf(source)) {
      signal?.throwIfAborted()
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
      size += bytes.length
      if (limit !== undefined && size > limit) throw tooLarge(limit)
      hash.update(bytes)
      await writeAll(target, bytes)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  return { sha256: hash.digest('hex'), size }
}

function readerOf(source: FileSource): Readable {
  return typeof source === 'string' ? createReadStream(source, { highWaterMark: CHUNK }) : source
}

async function writeAll(target: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await target.write(bytes, at)).bytesWritten
}

/** Makes the new name survive a power failure, where the system can. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/** Size and digest of a file, without copying it. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<KeptFile> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of readerOf(path)) {
      signal?.throwIfAborted()
      size += (chunk as Buffer).length
      hash.update(chunk as Buffer)
    }
  } catch (error) {
    throw fileError(error, path)
  }
  return { sha256: hash.digest('hex'), size }
}

/**
 * Opens a kept file by its name.
 * @throws RoiError `kept_file_missing`, also for a name that is none
 */
export async function openKept(dataDir: string, sha256: string): Promise<Readable> {
  if (!NAME.test(sha256)) throw keptMissing(sha256.slice(0, 80))
  const path = join(folderOf(dataDir), sha256)
  await access(path).catch(() => {
    throw keptMissing(sha256)
  })
  return createReadStream(path, { highWaterMark: CHUNK })
}

/**
 * Makes sure that a kept file still has the bytes it was named after.
 * @throws RoiError `kept_file_missing`, `kept_file_damaged`
 */
export async function verifyKept(dataDir: string, sha256: string, signal?: AbortSignal): Promise<void> {
  const stream = await openKept(dataDir, sha256)
  stream.destroy()
  const found = await digestFile(join(folderOf(dataDir), sha256), signal)
  if (found.sha256 !== sha256) {
    throw new RoiError(
      'failure',
      'kept_file_damaged',
      {
        en: `The kept import file ${sha256} is damaged. Nothing was changed.`,
        'zh-CN': `保存的导入文件 ${sha256} 已损坏。数据未作任何改动。`,
      },
      KEPT_REMEDY,
    )
  }
}

/**
 * Removes what interrupted copies left behind, and kept files that no import refers to. Only while nothing is imported.
 * @returns how many files were removed
 */
export async function sweepKept(dataDir: string, inUse: ReadonlySet<string>): Promise<number> {
  const folder = folderOf(dataDir)
  const names = await readdir(folder).catch(() => [])
  const left = names.filter((name) => name.startsWith(PARTIAL) || (NAME.test(name) && !inUse.has(name)))
  for (const name of left) await rm(join(folder, name), { force: true })
  return left.length
}

const KEPT_REMEDY: Text = {
  en: 'Restore it from a backup of the data directory, or import the original file again.',
  'zh-CN': '请从数据目录的备份中恢复，或重新导入原文件。',
}

function keptMissing(name: string): RoiError {
  return new RoiError(
    'not_found',
    'kept_file_missing',
    { en: `There is no kept import file "${name}".`, 'zh-CN': `没有保存名为“${name}”的导入文件。` },
    KEPT_REMEDY,
  )
}

function tooLarge(limit: number): RoiError {
  const megabytes = Math.round(limit / 1_000_000)
  return new RoiError(
    'too_large',
    'file_too_large',
    { en: `The file is larger than ${megabytes} MB.`, 'zh-CN': `文件超过 ${megabytes} MB。` },
    { en: 'Split it, or import it on the command line.', 'zh-CN': '请拆分文件，或使用命令行导入。' },
  )
}

/** File system errors a person can act on; everything else passes as it is. */
function fileError(error: unknown, source: FileSource): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const reading = ('path' in error && error.path === source) || ('syscall' in error && error.syscall === 'read')
  if (!reading) return dataError(error)
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return new RoiError(
      'not_found',
      'file_missing',
      { en: `There is no file "${String(source)}".`, 'zh-CN': `文件“${String(source)}”不存在。` },
      { en: 'Check the path.', 'zh-CN': '请检查路径。' },
      { cause: error },
    )
  }
  return new RoiError(
    'usage',
    'file_unreadable',
    { en: `The file "${String(source)}" cannot be read.`, 'zh-CN': `无法读取文件“${String(source)}”。` },
    { en: 'Check that it is a file and may be read.', 'zh-CN': '请确认它是文件且有读取权限。' },
    { cause: error },
  )
}
