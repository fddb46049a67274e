import { RoiError, type Text } from '../../src/errors.ts'
import { unitOfHeader } from './amounts.ts'
import { isOurColumn, type Mapping } from './mapping.ts'
import { type Column, type FileType, TEMPLATES } from './templates.ts'
import { fold, quote, say } from './words.ts'

/** A column of the template and where its cells come from. */
export interface Source {
  readonly column: Column
  /** Cell of the row, or -1 when only a constant fills it. */
  readonly index: number
  readonly header: string
  /** Used where the cell is empty. */
  readonly constant: string
  /** Power of ten of the header's unit: 4 for `金额（万元）`. */
  readonly shift: number
}

/** How the header row of a file fits a template. */
export interface Layout {
  readonly sources: readonly Source[]
  /** Columns the model has no place for. */
  readonly extras: readonly { readonly name: string; readonly index: number }[]
  readonly notices: readonly { readonly code: string; readonly message: Text }[]
}

/** What may stand in brackets behind a name: a unit of yuan, or whether the column must be filled. */
const REMARK = /\((?:(?:单位:?)?(?:百万|千万|千|万|亿)?元|万|必填|选填|required|optional)\)$/

/** Headers that would touch an object's prototype when they become attribute names. */
const UNSAFE = new Set(['__proto__'])

/**
 * Finds the template's columns in a header row: the mapping first, then our own names, then the usual Chinese headers.
 * @throws RoiError when a required column is missing, twice there, or the mapping names what the file has not.
 */
export function layOut(type: FileType, headers: readonly string[], mapping: Mapping | undefined): Layout {
  const template = TEMPLATES[type]
  const found = findColumns(type, headers, mapping)
  const missing = missingColumns(type, found, mapping)
  if (missing.length > 0) throw missingColumn(type, missing, headers)
  const sources: Source[] = []
  for (const column of template.columns) {
    const places = found.get(column.name) ?? []
    const constant = String(mapping?.constants[column.name] ?? '')
    const index = places[0] ?? -1
    if (index < 0 && constant === '') continue
    const header = headers[index]?.trim() ?? column.name
    sources.push({ column, index, header, constant, shift: column.kind === 'money' ? unitOfHeader(header) : 0 })
  }
  const used = new Set(sources.map(({ index }) => index))
  const notices = sources.flatMap(({ column, header }) =>
    (found.get(column.name) ?? [])
      .filter((place) => !used.has(place))
      .map((place) => choice(column.name, header, headers[place]!)),
  )
  const names = new Set<string>()
  const extras: { name: string; index: number }[] = []
  headers.forEach((header, index) => {
    if (used.has(index)) return
    let name = header.replace(/^\ufeff/, '').trim() || `column ${index + 1}`
    if (UNSAFE.has(name)) name = `column ${index + 1}`
    for (let n = 2; names.has(name); n++) name = `${name.replace(/ \(\d+\)$/, '')} (${n})`
    names.add(name)
    extras.push({ name, index })
  })
  return { sources, extras, notices }
}

/** Required columns that neither the file nor a constant gives. A choice of columns is named as `a | b`. */
export function missingColumns(
  type: FileType,
  found: ReadonlyMap<string, readonly number[]>,
  mapping: Mapping | undefined,
): string[] {
  const { columns, anyOf } = TEMPLATES[type]
  const absent = (name: string) => !found.has(name) && mapping?.constants[name] === undefined
  const missing = columns.filter((column) => column.required && absent(column.name)).map((column) => column.name)
  if (anyOf?.every(absent)) missing.push(anyOf.join(' | '))
  return missing
}

/** By our column, the places in the header row that may be it, the best first. */
export function findColumns(
  type: FileType,
  headers: readonly string[],
  mapping: Mapping | undefined,
): Map<string, number[]> {
  const columns = TEMPLATES[type].columns
  const found = mapped(type, headers, mapping)
  const taken = new Set([...found.values()].flat())
  const folded = headers.map((header) => fold(header))
  // The unit in brackets, as in 金额（元）, is no part of the name.
  const bare = folded.map((header) => header.replace(REMARK, ''))
  for (const column of columns) {
    if (found.has(column.name)) continue
    const places: number[] = []
    for (const name of [column.name, ...column.zh].map(fold)) {
      const same = headers.flatMap((_, i) => (!taken.has(i) && (folded[i] === name || bare[i] === name) ? [i] : []))
      if (same.length > 1)
        throw duplicateColumn(
          column.name,
          same.map((i) => headers[i]!),
        )
      if (same[0] !== undefined && !places.includes(same[0])) places.push(same[0])
    }
    // A place goes to the first column that wants it: names shared by two columns of a template are listed in that order.
    if (places[0] === undefined) continue
    found.set(column.name, places)
    taken.add(places[0])
  }
  return found
}

/** The mapping's columns: each entry may be `our column: header` or `header: our column`. */
function mapped(type: FileType, headers: readonly string[], mapping: Mapping | undefined): Map<string, number[]> {
  const found = new Map<string, number[]>()
  const ours = new Set(TEMPLATES[type].columns.map((column) => column.name))
  const place = (header: string) => {
    const exact = headers.findIndex((name) => name.trim() === header.trim())
    return exact >= 0 ? exact : headers.findIndex((name) => fold(name) === fold(header))
  }
  for (const [key, value] of Object.entries(mapping?.columns ?? {})) {
    const forward = ours.has(key) ? place(value) : -1
    const backward = ours.has(value) ? place(key) : -1
    const [column, index] = forward >= 0 ? [key, forward] : [value, backward]
    if (index < 0) throw badEntry(type, key, value, ours, headers)
    const other = found.get(column)
    if (other) throw duplicateColumn(column, [headers[other[0]!]!, headers[index]!])
    found.set(column, [index])
  }
  return found
}

const list = (names: Iterable<string>) => [...names].map((name) => quote(name.trim())).join(', ')
const MAP_REMEDY = say(
  'Name the columns in a mapping file: --map map.json with {"our_column": "header of the file"}.',
  '请用映射文件指明列：--map map.json，内容为 {"标准列名": "文件中的表头"}。',
)

function missingColumn(type: FileType, missing: readonly string[], headers: readonly string[]): RoiError {
  const zh = missing.map((name) =>
    name
      .split(' | ')
      .map((one) => `${one}（${TEMPLATES[type].columns.find((column) => column.name === one)!.zh[0]}）`)
      .join(' | '),
  )
  return new RoiError(
    'usage',
    'missing_column',
    say(
      `A ${type} file needs the column ${missing.join(', ')}; the file has ${list(headers)}.`,
      `${type} 文件缺少列 ${zh.join('、')}；文件中的表头为 ${list(headers)}。`,
    ),
    MAP_REMEDY,
  )
}

function duplicateColumn(column: string, headers: readonly string[]): RoiError {
  return new RoiError(
    'usage',
    'duplicate_column',
    say(`Several columns are ${column}: ${list(headers)}.`, `有多列对应 ${column}：${list(headers)}。`),
    say('Rename or remove one of them in the file.', '请在文件中重命名或删除其中一列。'),
  )
}

function badEntry(
  type: FileType,
  key: string,
  value: string,
  ours: ReadonlySet<string>,
  headers: readonly string[],
): RoiError {
  const entry = `${quote(key)}: ${quote(value)}`
  const known = isOurColumn(key) || isOurColumn(value)
  const wrongType = known && !ours.has(key) && !ours.has(value)
  return new RoiError(
    'usage',
    'bad_mapping',
    wrongType
      ? say(
          `The mapping entry ${entry} names no column of ${type}, which has ${[...ours].join(', ')}.`,
          `映射项 ${entry} 不是 ${type} 的列；${type} 的列为 ${[...ours].join(', ')}。`,
        )
      : say(
          `The mapping entry ${entry} fits nothing: the file has ${list(headers)}; columns of ${type} are ${[...ours].join(', ')}.`,
          `映射项 ${entry} 与文件不符：文件中的表头为 ${list(headers)}；${type} 的列为 ${[...ours].join(', ')}。`,
        ),
    say('Correct that entry of the mapping file.', '请修改映射文件中的该项。'),
  )
}

function choice(column: string, chosen: string, other: string): { code: string; message: Text } {
  return {
    code: 'column_choice',
    message: say(
      `${column} is read from ${quote(chosen)}; ${quote(other)} is kept as an attribute. Choose otherwise with --map.`,
      `${column} 取自 ${quote(chosen)}；${quote(other)} 作为附加属性保留。如需更改请用 --map。`,
    ),
  }
}
