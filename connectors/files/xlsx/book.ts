import { posix } from 'node:path'
import { builtInFormat, cellText, type Format, formatOf } from './cells.ts'
import { BookError, LIMITS } from './protocol.ts'
import { attributeOf, readAll } from './xml.ts'
import type { Archive } from './zip.ts'

/** Where things are in a workbook, and what its cells refer to. */
export interface Book {
  readonly date1904: boolean
  readonly sheets: readonly SheetPart[]
  readonly strings: readonly string[]
  /** By style number of a cell. */
  readonly formats: readonly Format[]
}

export interface SheetPart {
  readonly name: string
  readonly hidden: boolean
  readonly path: string
}

interface Relation {
  readonly type: string
  readonly target: string
}

/** @throws BookError when it is another kind of file, or its parts do not hang together */
export async function readBook(archive: Archive): Promise<Book> {
  const root = [...(await relations(archive, '')).values()].find(({ type }) => type === 'officeDocument')
  const path = root?.target ?? 'xl/workbook.xml'
  if (!archive.has(path) || !/\.xml$/i.test(path)) throw new BookError('not_xlsx', otherKind(archive))
  const related = await relations(archive, path)
  const all = [...related.values()]
  const partOf = (type: string) => all.find((relation) => relation.type === type)?.target
  let date1904 = false
  let isWorkbook = false
  const sheets: SheetPart[] = []
  await readAll(archive.read(path), {
    open(name, attributes) {
      if (name === 'workbook') isWorkbook = true
      else if (name === 'workbookPr') date1904 = /^(?:1|true)$/.test(attributes.date1904 ?? '')
      else if (name === 'sheet') {
        const relation = related.get(attributeOf(attributes, 'id') ?? '')
        // Charts and macros have sheets of their own, without cells.
        if (relation?.type !== 'worksheet') return
        const hidden = /hidden/i.test(attributes.state ?? '')
        sheets.push({ name: cellText(attributes.name ?? ''), hidden, path: relation.target })
      }
    },
  })
  if (!isWorkbook) throw new BookError('not_xlsx', otherKind(archive))
  const styles = partOf('styles')
  const strings = partOf('sharedStrings')
  return {
    date1904,
    sheets,
    strings: strings && archive.has(strings) ? await readStrings(archive, strings) : [],
    formats: styles && archive.has(styles) ? await readFormats(archive, styles) : [],
  }
}

/** What a part refers to, by id. Types without their namespace, of which there are two. */
async function relations(archive: Archive, part: string): Promise<Map<string, Relation>> {
  const found = new Map<string, Relation>()
  const folder = posix.dirname(part)
  const path = posix.join(folder, '_rels', `${posix.basename(part)}.rels`)
  if (!archive.has(path)) return found
  await readAll(archive.read(path), {
    open(name, attributes) {
      if (name !== 'Relationship' || attributes.TargetMode === 'External') return
      const { Id: id = '', Type: type = '', Target: target = '' } = attributes
      found.set(id, {
        type: type.slice(type.lastIndexOf('/') + 1),
        // Only ever looked up among the parts of this archive.
        target: target.startsWith('/') ? target.slice(1) : posix.join(folder, target),
      })
    },
  })
  return found
}

function otherKind(archive: Archive): string {
  if (archive.has('xl/workbook.bin')) return 'xlsb'
  if (archive.has('content.xml') && archive.has('mimetype')) return 'ods'
  if (archive.has('index/document.iwa')) return 'numbers'
  return archive.has('[content_types].xml') ? 'office' : 'zip'
}

async function readStrings(archive: Archive, path: string): Promise<string[]> {
  const strings: string[] = []
  let text = ''
  let phonetic = 0
  let inText = false
  await readAll(archive.read(path), {
    open(name) {
      if (name === 'si') text = ''
      else if (name === 'rPh') phonetic++
      else if (name === 't') inText = phonetic === 0
    },
    close(name) {
      if (name === 'si') strings.push(cellText(text))
      else if (name === 'rPh') phonetic--
      else if (name === 't') inText = false
    },
    text(part) {
      if (inText) text += part
      if (text.length > LIMITS.cell) throw new BookError('too_large')
    },
  })
  return strings
}

async function readFormats(archive: Archive, path: string): Promise<Format[]> {
  const own = new Map<number, Format>()
  const formats: Format[] = []
  let inCells = false
  await readAll(archive.read(path), {
    open(name, attributes) {
      if (name === 'numFmt') own.set(Number(attributes.numFmtId), formatOf(attributes.formatCode ?? ''))
      else if (name === 'cellXfs') inCells = true
      else if (name === 'xf' && inCells) {
        const id = Number(attributes.numFmtId ?? 0)
        formats.push(own.get(id) ?? builtInFormat(id))
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
  })
  return formats
}
