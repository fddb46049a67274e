import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RoiError } from '../../../src/errors.ts'
import { say } from '../words.ts'
import type { Row } from './protocol.ts'

const CHUNK = 1 << 18

/**
 * Rows of a workbook on disk, as JSON lines: they are gone through more than once, and several files of an import are
 * open at a time, which neither memory nor as many waiting processes should pay for. The file loses its name as soon as
 * it is open, so that nothing of it is left behind, however this process ends.
 */
export class Spool implements AsyncDisposable {
  readonly #file: FileHandle
  readonly #folder: string
  #size = 0

  private constructor(file: FileHandle, folder: string) {
    this.#file = file
    this.#folder = folder
  }

  static async create(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'roi-panel-rows-'))
    try {
      const file = await open(join(folder, 'rows'), 'wx+', 0o600)
      const spool = new Spool(file, folder)
      await spool.#forget()
      return spool
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Bytes. */
  get size(): number {
    return this.#size
  }

  async write(chunk: Buffer): Promise<void> {
    try {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await this.#file.write(chunk, at, chunk.length - at, this.#size)
        at += bytesWritten
        this.#size += bytesWritten
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') throw diskFull(error)
      throw error
    }
  }

  /** The rows from the beginning, some at a time. */
  async *read(signal?: AbortSignal): AsyncGenerator<{ rows: Row[]; bytes: number }> {
    const buffer = Buffer.allocUnsafe(CHUNK)
    let rest: Buffer[] = []
    for (let at = 0; at < this.#size; ) {
      signal?.throwIfAborted()
      const { bytesRead } = await this.#file.read(buffer, 0, CHUNK, at)
      if (bytesRead === 0) break
      at += bytesRead
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
      if (end > 0) {
        const text = Buffer.concat([...rest, buffer.subarray(0, end)]).toString()
        rest = []
        const lines = text.slice(0, -1).split('\n')
        yield { rows: lines.map((line) => JSON.parse(line) as Row), bytes: at }
      }
      rest.push(Buffer.from(buffer.subarray(end, bytesRead)))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
    await this.#forget()
  }

  /** Some systems refuse while the file is open; then it goes in the end. */
  async #forget(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

function diskFull(cause: Error): RoiError {
  return new RoiError(
    'unavailable',
    'disk_full',
    say('The disk for temporary files is full.', '临时文件所在磁盘已满。'),
    say('Free some space and import the file again.', '请释放磁盘空间后重新导入该文件。'),
    { cause },
  )
}
