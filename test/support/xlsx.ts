import { Buffer } from 'node:buffer'
import { crc32, deflateRawSync } from 'node:zlib'

/**
 * A tiny writer of workbooks, for tests: what a spreadsheet program would write, and what none would. Everything about
 * the archive can be bent.
 */

/** A part of an archive. Fields other than the content lie about it. */
export interface ZipPart {
  readonly name: string
  readonly content: string | Buffer
  /** Already deflated; `content` is then ignored. */
  readonly deflated?: Buffer
  readonly size?: number
  readonly crc?: number
  readonly stored?: boolean
  readonly flags?: number
}

export function zip(parts: readonly ZipPart[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const part of parts) {
    const content = Buffer.from(part.content as string)
    const body = part.deflated ?? (part.stored ? content : deflateRawSync(content))
    const name = Buffer.from(part.name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(part.flags ?? 0x800, 2)
    fields.writeUInt16LE(part.stored ? 0 : 8, 4)
    fields.writeUInt32LE(part.crc ?? crc32(content), 10)
    fields.writeUInt32LE(body.length, 14)
    fields.writeUInt32LE(part.size ?? content.length, 18)
    fields.writeUInt16LE(name.length, 22)
    bodies.push(Buffer.from('504b0304', 'hex'), fields, name, body)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    directory.push(Buffer.from('504b01021400', 'hex'), fields, tail, name)
    at += 30 + name.length + body.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('504b0506', 'hex')
  end.writeUInt16LE(parts.length & 0xffff, 8)
  end.writeUInt16LE(parts.length & 0xffff, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, listed, end])
}

/** A cell: text, number, boolean, nothing, or the XML of one without its reference (`<c t="e"><v>#REF!</v></c>`). */
export type Cell = string | number | boolean | null | { readonly xml: string } | { readonly date: string | number }

export interface SheetSpec {
  readonly name?: string
  readonly rows: readonly (readonly Cell[])[]
  readonly state?: 'hidden' | 'veryHidden'
  /** Row number of `rows[i]`; default: one after the other from 1. */
  readonly lines?: readonly number[]
  readonly dimension?: string
  /** XML behind the rows. */
  readonly after?: string
}

export interface BookSpec {
  readonly sheets: readonly SheetSpec[]
  readonly date1904?: boolean
  /** How text is kept; default shared. */
  readonly strings?: 'shared' | 'inline' | 'formula'
  /** Namespace prefix of worksheets, as some programs write one. */
  readonly prefix?: string
  /** Format codes; style n + 2 is formats[n], style 1 a date. */
  readonly formats?: readonly string[]
  /** Parts that replace those of the same name, or are added. */
  readonly parts?: readonly ZipPart[]
  /** Names of parts left out. */
  readonly without?: readonly string[]
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

/** Text as spreadsheet programs write it: what XML cannot hold becomes `_x0001_`, and `_x0001_` itself `_x005F_x0001_`. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\P{Cc}\t\n]|[\ufffe\uffff]/gu, (c) => `_x${c.charCodeAt(0).toString(16).padStart(4, '0')}_`)
}

export function columnName(index: number): string {
  return index < 26
    ? String.fromCharCode(65 + index)
    : columnName(Math.floor(index / 26) - 1) + String.fromCharCode(65 + (index % 26))
}

/** Day number of an ISO date in the calendar of 1900. */
export function serialOf(iso: string): number {
  return Date.parse(iso.length === 10 ? iso : `${iso}Z`) / 86_400_000 + 25_569
}

export function partsOf(spec: BookSpec): ZipPart[] {
  const { sheets, strings = 'shared', prefix = '', formats = [] } = spec
  const shared: string[] = []
  const p = prefix && `${prefix}:`
  const cell = (value: Cell, ref: string): string => {
    if (value === null) return ''
    if (typeof value === 'number') return `<${p}c r="${ref}"><${p}v>${value}</${p}v></${p}c>`
    if (typeof value === 'boolean') return `<${p}c r="${ref}" t="b"><${p}v>${Number(value)}</${p}v></${p}c>`
    if (typeof value === 'object' && 'xml' in value) return value.xml.replace('<c', `<c r="${ref}"`)
    if (typeof value === 'object') {
      const day = typeof value.date === 'number' ? value.date : serialOf(value.date) - (spec.date1904 ? 1462 : 0)
      return `<${p}c r="${ref}" s="1"><${p}v>${day}</${p}v></${p}c>`
    }
    const text = escapeXml(value)
    if (strings === 'inline')
      return `<${p}c r="${ref}" t="inlineStr"><${p}is><${p}t xml:space="preserve">${text}</${p}t></${p}is></${p}c>`
    if (strings === 'formula') return `<${p}c r="${ref}" t="str"><${p}f>T(1)</${p}f><${p}v>${text}</${p}v></${p}c>`
    return `<${p}c r="${ref}" t="s"><${p}v>${shared.push(text) - 1}</${p}v></${p}c>`
  }
  const bodies = sheets.map(({ rows, lines, dimension, after = '' }) => {
    const data = rows.map((cells, i) => {
      const line = lines?.[i] ?? i + 1
      return `<${p}row r="${line}">${cells.map((value, c) => cell(value, `${columnName(c)}${line}`)).join('')}</${p}row>`
    })
    const claim = dimension ? `<${p}dimension ref="${dimension}"/>` : ''
    return `${HEAD}<${p}worksheet xmlns${prefix && `:${prefix}`}="${MAIN}">${claim}<${p}sheetData>${data.join('')}</${p}sheetData>${after}</${p}worksheet>`
  })
  const list = sheets.map(
    ({ name, state }, i) =>
      `<sheet name="${escapeXml(name ?? `Sheet${i + 1}`)}" sheetId="${i + 1}"${state ? ` state="${state}"` : ''} r:id="rId${i + 1}"/>`,
  )
  const relations = (entries: readonly (readonly [type: string, target: string])[]) =>
    `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${entries
      .map(([type, target], i) => `<Relationship Id="rId${i + 1}" Type="${RELATION}/${type}" Target="${target}"/>`)
      .join('')}</Relationships>`
  const codes = formats.map((code, i) => `<numFmt numFmtId="${200 + i}" formatCode="${escapeXml(code)}"/>`)
  const styles = [0, 14, ...formats.map((_, i) => 200 + i)].map((id) => `<xf numFmtId="${id}"/>`)
  const made: ZipPart[] = [
    {
      name: '[Content_Types].xml',
      content: `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    },
    { name: '_rels/.rels', content: relations([['officeDocument', 'xl/workbook.xml']]) },
    {
      name: 'xl/workbook.xml',
      content: `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATION}"><workbookPr${spec.date1904 ? ' date1904="1"' : ''}/><sheets>${list.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations([
        ...sheets.map((_, i) => ['worksheet', `worksheets/sheet${i + 1}.xml`] as const),
        ['styles', 'styles.xml'],
        ['sharedStrings', '/xl/sharedStrings.xml'],
      ]),
    },
    {
      name: 'xl/styles.xml',
      content: `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs></styleSheet>`,
    },
    {
      name: 'xl/sharedStrings.xml',
      content: `${HEAD}<sst xmlns="${MAIN}">${shared.map((text) => `<si><t xml:space="preserve">${text}</t></si>`).join('')}</sst>`,
    },
    ...bodies.map((content, i) => ({ name: `xl/worksheets/sheet${i + 1}.xml`, content })),
  ]
  const { parts = [], without = [] } = spec
  return [...made.filter(({ name }) => !without.includes(name) && !parts.some((part) => part.name === name)), ...parts]
}

/** A workbook. */
export function xlsx(spec: BookSpec): Buffer {
  return zip(partsOf(spec))
}

/** A workbook of one sheet. */
export function oneSheet(
  rows: SheetSpec['rows'],
  spec: Omit<BookSpec, 'sheets'> & Omit<SheetSpec, 'rows'> = {},
): Buffer {
  return xlsx({ ...spec, sheets: [{ ...spec, rows }] })
}

/** A part that replaces the XML of the first sheet. */
export function sheetPart(content: string | Buffer, rest: Partial<ZipPart> = {}): ZipPart {
  return { name: 'xl/worksheets/sheet1.xml', content, ...rest }
}

export const sheetXml = (data: string, before = '') =>
  `${HEAD}${before}<worksheet xmlns="${MAIN}"><sheetData>${data}</sheetData></worksheet>`
