import { RoiError } from '../../src/errors.ts'
import { decideType, detect, fitOf, typeOfName, unknownType } from './detect.ts'
import type { Open } from './encoding.ts'
import { formatOf } from './formats.ts'
import type { Mapping } from './mapping.ts'
import type { FileType } from './templates.ts'
import { quote, say } from './words.ts'
import { noSheet } from './xlsx/problems.ts'
import type { SheetHead } from './xlsx/protocol.ts'
import { sheetHeads } from './xlsx/workbook.ts'

/** One table of a file: a CSV file is one, a workbook has one for each sheet that follows a template. */
export interface Part {
  readonly type: FileType
  /** Name of the file, with the sheet when several are read. */
  readonly name: string
  /** Names the sheet too, so that the same one is read again whenever the file is. */
  readonly map: Mapping | undefined
}

export interface Parts {
  readonly parts: readonly Part[]
  /** Names of sheets with content that are not read: hidden, or following no template. */
  readonly skipped: readonly string[]
}

export interface PartsOptions {
  readonly map?: Mapping | undefined
  /** Type the user says; default: what name and header tell. */
  readonly type?: FileType | undefined
  readonly signal?: AbortSignal | undefined
}

const EMPTY: Mapping = { columns: {}, values: {}, constants: {} }

/**
 * What of a file is to be read, and as what.
 * @throws RoiError `unknown_type` when that is not clear, or what is wrong with the file itself
 */
export async function parts(open: Open, name: string, { map, type, signal }: PartsOptions = {}): Promise<Parts> {
  if ((await formatOf(open)) === 'csv') {
    return { parts: [{ type: type ?? (await detect(open, name, map)).type, name, map }], skipped: [] }
  }
  const sheets = (await sheetHeads(open, signal)).filter(({ headers }) => headers.length > 0)
  const wanted = type ?? map?.type
  const chosen = chooseSheets(sheets, name, map, wanted)
  const several = chosen.length > 1
  const read = new Set(chosen.map(({ sheet }) => sheet))
  const nameOf = (sheet: SheetHead) => `${name} [${sheet.name}]`
  return {
    parts: chosen.map((part) => ({
      type: part.type,
      name: several ? nameOf(part.sheet) : name,
      map: { ...EMPTY, ...map, sheet: part.sheet.name },
    })),
    skipped: map?.sheet === undefined ? sheets.filter((sheet) => !read.has(sheet)).map(nameOf) : [],
  }
}

/** Name of the sheet a read of one type is about when its settings name none. */
export async function choosePart(
  open: Open,
  { name, type, map }: { name: string; type: FileType; map?: Mapping | undefined },
  signal?: AbortSignal,
): Promise<string> {
  const found = await parts(open, name, { map, type, signal })
  return found.parts[0]!.map!.sheet!
}

interface Chosen {
  readonly sheet: SheetHead
  readonly type: FileType
}

function chooseSheets(
  sheets: readonly SheetHead[],
  name: string,
  map: Mapping | undefined,
  wanted: FileType | undefined,
): Chosen[] {
  const candidates = map?.sheet === undefined ? sheets.filter(({ hidden }) => !hidden) : [named(sheets, map.sheet)]
  if (candidates.length === 0) throw sheets.length > 0 ? allHidden(sheets) : empty()
  if (candidates.length > 1) {
    const found = candidates.flatMap((sheet) => {
      const type = typeOfSheet(sheet, name, map, wanted)
      return type ? [{ sheet, type }] : []
    })
    if (found.length > 0) return found
  }
  // Nothing fits as it is: what the sheet that comes nearest lacks is what the user needs to hear.
  const sheet = candidates.toSorted((a, b) => nearness(b, map, wanted) - nearness(a, map, wanted))[0]!
  if (wanted) return [{ sheet, type: wanted }]
  const hint = typeOfName(sheet.name) ? sheet.name : name
  const decided = decideType(sheet.headers, hint, map)
  if (!('type' in decided)) throw unknownType(titleOf(sheet, name, candidates), sheet.headers, decided.candidates)
  return [{ sheet, type: decided.type }]
}

/**
 * Type of one sheet among several; undefined for one that follows no template, such as notes or a summary. One that
 * says by its name what it is, or that fits several types, is not passed over in silence.
 */
function typeOfSheet(
  sheet: SheetHead,
  name: string,
  map: Mapping | undefined,
  wanted: FileType | undefined,
): FileType | undefined {
  const { headers } = sheet
  if (wanted) return fitOf(wanted, headers, map).complete ? wanted : undefined
  const decided = decideType(headers, sheet.name, map)
  if ('type' in decided) {
    const meant = decided.type === typeOfName(sheet.name) && fitOf(decided.type, headers, map).columns > 0
    return decided.complete || meant ? decided.type : undefined
  }
  if (decided.candidates.length === 0) return undefined
  const byFile = decideType(headers, name, map)
  if ('type' in byFile) return byFile.type
  throw unknownType(`${name} [${sheet.name}]`, headers, decided.candidates)
}

function nearness({ headers }: SheetHead, map: Mapping | undefined, wanted: FileType | undefined): number {
  if (wanted) return fitOf(wanted, headers, map).columns
  const decided = decideType(headers, '', map)
  return 'type' in decided ? fitOf(decided.type, headers, map).columns : decided.candidates.length
}

function named(sheets: readonly SheetHead[], wanted: string): SheetHead {
  const plain = (name: string) => name.normalize('NFC').trim().toLowerCase()
  const found = sheets.find(({ name }) => plain(name) === plain(wanted))
  if (!found)
    throw noSheet(
      wanted,
      sheets.map(({ name }) => name),
    )
  return found
}

function titleOf(sheet: SheetHead, name: string, candidates: readonly SheetHead[]): string {
  return candidates.length > 1 ? `${name} [${sheet.name}]` : name
}

function empty(): RoiError {
  return new RoiError(
    'usage',
    'empty_file',
    say('The workbook holds no header row.', '工作簿中没有表头行。'),
    say('Export it again with a header row.', '请重新导出，并包含表头行。'),
  )
}

function allHidden(sheets: readonly SheetHead[]): RoiError {
  const list = sheets.map(({ name }) => quote(name)).join(', ')
  return new RoiError(
    'usage',
    'hidden_sheets',
    say(`All sheets with content are hidden: ${list}.`, `有内容的工作表都被隐藏：${list}。`),
    say(
      'Unhide the one to import, or name it as "sheet" in a mapping file.',
      '请取消隐藏要导入的工作表，或在映射文件中用 "sheet" 指定。',
    ),
  )
}
