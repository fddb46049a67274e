import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { BookError, LIMITS } from './protocol.ts'

/** The parts of a workbook, checked before the first is unpacked. */
export class Archive {
  readonly #zip: ZipFile
  /** By name in lower case: names of parts are the same whatever their case. */
  readonly #entries: ReadonlyMap<string, Entry>
  #unpacked = 0

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip
    this.#entries = entries
  }

  /** @throws BookError when the bytes are no archive, or one that no spreadsheet program writes */
  static async open(bytes: Buffer): Promise<Archive> {
    const zip = await fromBufferPromise(bytes, { strictFileNames: true }).catch(damaged)
    if (zip.entryCount > LIMITS.parts) throw new BookError('too_many_parts', String(zip.entryCount))
    const entries = new Map<string, Entry>()
    let size = 0
    try {
      for await (const entry of zip.eachEntry()) {
        size += entry.uncompressedSize
        checkSize(entry.uncompressedSize, entry.compressedSize, size)
        const name = entry.fileName.toLowerCase()
        // Two parts of one name: programs would disagree about which one counts.
        if (entries.has(name)) throw new BookError('unsafe', entry.fileName)
        entries.set(name, entry)
      }
    } catch (error) {
      // The zip reader names what it refuses: absolute names, "..", backslashes.
      if (error instanceof Error && /relative path|absolute path|invalid characters/.test(error.message)) {
        throw new BookError('unsafe', error.message)
      }
      throw damaged(error, true)
    }
    checkSize(size, bytes.length, size)
    return new Archive(zip, entries)
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase())
  }

  /** The bytes of a part; real sizes are counted, whatever the archive claims. */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(name.toLowerCase())
    if (!entry) throw new BookError('damaged', `no part ${name}`)
    if (entry.isEncrypted()) throw new BookError('encrypted')
    let sum = 0
    try {
      const stream: Readable = await this.#zip.openReadStreamPromise(entry)
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#unpacked += chunk.length
        checkSize(0, 0, this.#unpacked)
        sum = crc32(chunk, sum)
        yield chunk
      }
    } catch (error) {
      throw damaged(error, true)
    }
    if (sum !== entry.crc32) throw new BookError('damaged', `checksum of ${name}`)
  }
}

function checkSize(unpacked: number, packed: number, total: number): void {
  if (total > LIMITS.unpacked) throw new BookError('too_large')
  if (unpacked > LIMITS.ratioFrom && unpacked > packed * LIMITS.ratio) throw new BookError('too_large')
}

function damaged(error: unknown, giveBack: true): unknown
function damaged(error: unknown): never
function damaged(error: unknown, giveBack = false): unknown {
  const own = error instanceof BookError ? error : new BookError('damaged', error instanceof Error ? error.message : '')
  if (giveBack) return own
  throw own
}
