import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { RoiError } from '../../src/errors.ts'
import { say } from './words.ts'

/** Opens the file from its beginning; it is read several times. */
export type Open = () => Promise<Readable>

export interface Encoding {
  readonly name: 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030'
  /** Bytes of the byte order mark. */
  readonly bom: number
  /** True when neither mark nor UTF-8 decided: the user is told. */
  readonly guessed: boolean
  /**
   * Some bytes are no characters; they become U+FFFD. In UTF-8 that is lost text, so rows that hold one are refused; in
   * UTF-16 it is half an emoji that a program cut off, so it is only reported.
   */
  readonly damaged: boolean
}

const SAVE_AS_CSV = say(
  'Open it in your spreadsheet program, save it as "CSV UTF-8" and import that file.',
  '请用表格软件打开，另存为“CSV UTF-8”格式后再导入。',
)

const SIGNATURES: readonly { bytes: string; en: string; zh: string }[] = [
  { bytes: '1f8b', en: 'a gzip file', zh: 'gzip 压缩文件' },
  { bytes: '25504446', en: 'a PDF file', zh: 'PDF 文件' },
]

/** Every chunk as a Buffer, whatever the stream gives. */
export async function* bytesOf(open: Open): AsyncGenerator<Buffer> {
  for await (const chunk of await open()) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
}

/**
 * Encoding of a file: byte order mark, else UTF-8 if every byte of the file fits, else GB18030.
 * @throws RoiError when the file is empty, not text, or in none of these encodings.
 */
export async function detectEncoding(open: Open): Promise<Encoding> {
  const head = await sample(open, 65_536)
  if (head.length === 0) {
    throw new RoiError(
      'usage',
      'empty_file',
      say('The file is empty.', '文件是空的。'),
      say('Export it again with a header row.', '请重新导出，并包含表头行。'),
    )
  }
  refuseBinary(head)
  const bom = head.subarray(0, 3).toString('hex')
  if (bom.startsWith('fffe')) return utf16(open, 'utf-16le', 2, false)
  if (bom.startsWith('feff')) return utf16(open, 'utf-16be', 2, false)
  const silent = silentUtf16(head)
  if (silent) return utf16(open, silent, 0, true)
  const marked = bom === 'efbbbf' ? 3 : 0
  if (await allUtf8(open)) return { name: 'utf-8', bom: marked, guessed: false, damaged: false }
  if (marked || (await mostlyUtf8(open))) return { name: 'utf-8', bom: marked, guessed: false, damaged: true }
  if (await decodes(open, 'gb18030')) return { name: 'gb18030', bom: 0, guessed: true, damaged: false }
  throw new RoiError(
    'usage',
    'bad_encoding',
    say('The text is neither UTF-8, UTF-16 nor GB18030.', '文件编码既不是 UTF-8、UTF-16，也不是 GB18030。'),
    SAVE_AS_CSV,
  )
}

/** The file as UTF-8 without byte order mark and without U+0000, chunk by chunk; `onBytes` hears the bytes read. */
export async function* utf8Chunks(
  open: Open,
  encoding: Encoding,
  onBytes: (count: number) => void = () => {},
): AsyncGenerator<Buffer> {
  let skip = encoding.bom
  const decoder = encoding.name === 'utf-8' ? undefined : new TextDecoder(encoding.name, { ignoreBOM: true })
  for await (const chunk of bytesOf(open)) {
    onBytes(chunk.length)
    const body = skip > 0 ? chunk.subarray(skip) : chunk
    skip = Math.max(0, skip - chunk.length)
    const text = decoder ? Buffer.from(decoder.decode(body, { stream: true })) : body
    if (text.length > 0) yield withoutNul(text)
  }
  const rest = decoder?.decode()
  if (rest) yield withoutNul(Buffer.from(rest))
}

/** The first bytes of a file. */
export async function sample(open: Open, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of bytesOf(open)) {
    parts.push(chunk)
    size += chunk.length
    if (size >= length) break
  }
  return Buffer.concat(parts).subarray(0, length)
}

function withoutNul(bytes: Buffer): Buffer {
  return bytes.includes(0) ? (bytes.filter((byte) => byte !== 0) as Buffer) : bytes
}

function refuseBinary(head: Buffer): void {
  const hex = head.subarray(0, 8).toString('hex')
  const known = SIGNATURES.find(({ bytes }) => hex.startsWith(bytes))
  if (known) throw binary(`The file is ${known.en}, neither CSV nor .xlsx.`, `该文件是${known.zh}，不是 CSV 或 .xlsx。`)
  if (
    /^\s*<(?:!doctype|html|\?xml|table|meta)/i.test(
      head
        .subarray(0, 200)
        .toString('latin1')
        .replace(/^\u00ef\u00bb\u00bf/, ''),
    )
  ) {
    throw binary('The file is a web page or XML, neither CSV nor .xlsx.', '该文件是网页或 XML，不是 CSV 或 .xlsx。')
  }
  if (/^(?:fffe|feff)/.test(hex) || silentUtf16(head)) return
  let nul = 0
  for (const byte of head) if (byte === 0) nul++
  // A few stray zero bytes come from broken exports and are removed; many mean that this is no text at all.
  if (nul * 100 > head.length) throw binary('The file is neither text nor .xlsx.', '该文件既不是文本，也不是 .xlsx。')
}

function binary(en: string, zh: string): RoiError {
  return new RoiError('usage', 'not_csv', say(en, zh), SAVE_AS_CSV)
}

/** UTF-16 without a mark: a table has many ASCII characters, so one half of each pair is zero. */
function silentUtf16(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const zero = [0, 0]
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zero[i & 1]!++
  const [even = 0, odd = 0] = zero
  if (odd * 4 > head.length && even * 8 < odd) return 'utf-16le'
  if (even * 4 > head.length && odd * 8 < even) return 'utf-16be'
  return undefined
}

async function utf16(open: Open, name: 'utf-16le' | 'utf-16be', bom: number, guessed: boolean): Promise<Encoding> {
  return { name, bom, guessed, damaged: !(await decodes(open, name)) }
}

/** True when every byte of the file is valid UTF-8. A character cut by a chunk border is carried over. */
async function allUtf8(open: Open): Promise<boolean> {
  let carry: Buffer = Buffer.alloc(0)
  for await (const chunk of bytesOf(open)) {
    const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk
    const cut = bytes.length - openTail(bytes)
    if (!isUtf8(bytes.subarray(0, cut))) return false
    carry = Buffer.from(bytes.subarray(cut))
  }
  return carry.length === 0
}

/** Length of an unfinished UTF-8 character at the end. */
function openTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}

/**
 * True for a UTF-8 file with a few broken bytes. Read as GB18030 it would "succeed" as nonsense, because nearly every
 * pair of bytes is a GB18030 character. Real GB18030 text hardly ever forms valid UTF-8 characters.
 */
async function mostlyUtf8(open: Open): Promise<boolean> {
  const decoder = new TextDecoder('utf-8')
  let good = 0
  let bad = 0
  for await (const chunk of bytesOf(open)) {
    for (const [char] of decoder.decode(chunk, { stream: true }).matchAll(/[^\0-\x7f]/gu)) {
      if (char === '\ufffd') bad++
      else good++
    }
  }
  return good > 0 && good >= bad * 4
}

async function decodes(open: Open, name: string): Promise<boolean> {
  const decoder = new TextDecoder(name, { fatal: true })
  try {
    for await (const chunk of bytesOf(open)) decoder.decode(chunk, { stream: true })
    decoder.decode()
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
