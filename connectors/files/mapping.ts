import { z } from 'zod'
import { RoiError, type Text } from '../../src/errors.ts'
import { FILE_TYPES, TEMPLATES } from './templates.ts'
import { quote, say } from './words.ts'

const Replacement = z.union([z.string(), z.boolean(), z.number(), z.null()])

/** How the columns of a file are named and what its words mean (`--map FILE`), whichever way it was written. */
export const Mapping = z.strictObject({
  type: z.enum(FILE_TYPES).optional(),
  /** The worksheet to read; default: every visible one that follows a template. CSV has none. */
  sheet: z.string().min(1).optional(),
  /** Our column → header of the file, or the other way round; which one is decided by what the file holds. */
  columns: z.record(z.string(), z.string()).default({}),
  /** By our column: what a cell of the file means. `null` = empty. */
  values: z.record(z.string(), z.record(z.string(), Replacement)).default({}),
  /** By our column: the value of every row where the file has none. */
  constants: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  dateFormat: z.string().optional(),
  /** Decimal mark of all amounts, where the file itself does not prove it. */
  decimal: z.enum(['.', ',']).optional(),
})
export type Mapping = z.output<typeof Mapping>

const SeveralFiles = z.strictObject({ files: z.record(z.string(), z.record(z.string(), z.unknown())) })
const Flat = z.record(z.string(), z.string())
/** Keys that only the long form has; `type` alone may also be a column of campaigns. */
const LONG_KEYS = ['columns', 'values', 'constants', 'dateFormat', 'decimal']
const OUR_COLUMNS = new Set(FILE_TYPES.flatMap((type) => TEMPLATES[type].columns.map((column) => column.name)))

/** True for a column name of any template. */
export function isOurColumn(name: string): boolean {
  return OUR_COLUMNS.has(name)
}

/**
 * Reads a mapping file. Three forms: flat `{our column: header}`, long `{columns, values, constants, …}`, and
 * `{files: {name: either form}}`; in the last, a file that is not listed has no mapping.
 * @throws RoiError naming the keys that are not understood.
 */
export function parseMapping(json: unknown, fileName: string): Mapping | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badMapping(say('A mapping must be a JSON object.', '映射文件必须是 JSON 对象。'))
  }
  if ('files' in json && typeof json.files === 'object') {
    const { files } = check(SeveralFiles, json)
    const name = baseName(fileName)
    const found = Object.entries(files).find(([key]) => baseName(key) === name)
    return found && parseMapping(found[1], fileName)
  }
  const keys = Object.keys(json)
  // A flat mapping may well be about a column called "sheet"; then it names one of ours.
  const sheet = 'sheet' in json && typeof json.sheet === 'string' && !isOurColumn(json.sheet)
  const long = keys.some(
    (key) =>
      LONG_KEYS.includes(key) &&
      typeof (json as Record<string, unknown>)[key] ===
        (key === 'decimal' || key === 'dateFormat' ? 'string' : 'object'),
  )
  const typed = 'type' in json && (FILE_TYPES as readonly unknown[]).includes(json.type)
  const mapping =
    long || typed || sheet ? check(Mapping, json) : { columns: check(Flat, json), values: {}, constants: {} }
  refuseUnknownColumns(mapping)
  return mapping
}

function baseName(path: string): string {
  return (path.split(/[\\/]/).pop() ?? path).normalize('NFC').toLowerCase()
}

function check<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.map(quote).join(', ') : ''
    return keys ? `unknown key ${keys}` : `${issue.path.join('.') || 'mapping'}: ${issue.message}`
  })
  const list = problems.join('; ')
  throw badMapping(say(`The mapping is not understood: ${list}.`, `无法理解映射文件：${list}。`))
}

/** `values` and `constants` can only be keyed by our columns. */
function refuseUnknownColumns({ values, constants }: Mapping): void {
  const unknown = [...Object.keys(values), ...Object.keys(constants)].filter((name) => !isOurColumn(name))
  if (unknown.length === 0) return
  const list = unknown.map(quote).join(', ')
  throw badMapping(say(`The mapping names unknown columns: ${list}.`, `映射文件中有未知的列：${list}。`))
}

function badMapping(text: Text): RoiError {
  return new RoiError(
    'usage',
    'bad_mapping',
    text,
    say(
      'Write {"deal_id": "Header of the file", …}, or {"type", "sheet", "columns", "values", "constants", "dateFormat", "decimal"}, or {"files": {"name.csv": …}}.',
      '请写成 {"deal_id": "文件中的表头", …}，或 {"type", "sheet", "columns", "values", "constants", "dateFormat", "decimal"}，或 {"files": {"文件名.csv": …}}。',
    ),
  )
}
