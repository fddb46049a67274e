import { RoiError } from '../../src/errors.ts'
import type { Delimiter } from './delimiter.ts'
import type { Encoding, Open } from './encoding.ts'
import { findColumns, missingColumns } from './header.ts'
import type { Mapping } from './mapping.ts'
import { readHead } from './survey.ts'
import { FILE_TYPES, type FileType } from './templates.ts'
import { quote, say } from './words.ts'

/** What a file seems to be. */
export interface Detected {
  readonly type: FileType
  /** 1 when file name (or mapping) and headers agree, less when only one of them tells. */
  readonly confidence: number
  readonly encoding: Encoding['name']
  readonly delimiter: Delimiter
  readonly headers: readonly string[]
}

/** What name and header decide: a type, or those that fit equally well. */
export type Decision =
  | { readonly type: FileType; readonly confidence: number; readonly complete: boolean }
  | { readonly candidates: readonly FileType[] }

/** Words in file names; a longer word is looked for before one it contains. */
const FILE_WORDS: readonly (readonly [word: string, type: FileType])[] = (
  [
    ['campaigns', 'campaigns campaign 营销活动 活动'],
    ['costs', 'costs cost spend expenses expense 费用 成本 花费 投放消耗'],
    ['contacts', 'contacts contact leads lead 联系人 线索'],
    ['accounts', 'accounts account companies company 客户公司 客户 公司'],
    ['touches', 'touches touch touchpoints touchpoint 触点 触达 互动记录'],
    ['deals', 'deals deal opportunities opportunity pipeline 商机 成交 订单'],
    ['payments', 'payments payment receipts receipt 回款 收款'],
    ['invoices', 'invoices invoice 发票 开票'],
    ['rates', 'rates rate fx 汇率'],
  ] as const
)
  .flatMap(([type, words]) => words.split(' ').map((word) => [word, type] as const))
  .sort(([a], [b]) => b.length - a.length)

/**
 * Tells which template a CSV file follows.
 * @param name the file's original name
 * @throws RoiError `unknown_type`, or what is wrong with the file itself.
 */
export async function detect(open: Open, name: string, mapping?: Mapping): Promise<Detected> {
  const { dialect, headers } = await readHead(open)
  const decided = decideType(headers, name, mapping)
  if (!('type' in decided)) throw unknownType(name, headers, decided.candidates)
  const { type, confidence } = decided
  return { type, confidence, encoding: dialect.encoding.name, delimiter: dialect.delimiter, headers }
}

/**
 * Decides from name and headers which template a table follows. Nothing is guessed: when two types fit equally, or name
 * and headers disagree, the user is asked.
 */
export function decideType(headers: readonly string[], name: string, mapping: Mapping | undefined): Decision {
  const found = ({ type, complete }: Fit, confidence: number): Decision => ({ type, confidence, complete })
  const fits = FILE_TYPES.map((type) => fitOf(type, headers, mapping))
  const given = fits.find(({ type }) => type === mapping?.type)
  if (given) return found(given, 1)
  const hint = typeOfName(name)
  const hinted = fits.find(({ type }) => type === hint)
  if (hinted?.complete) return found(hinted, 1)
  const [best, second] = fits.sort((a, b) => b.columns - a.columns || Number(b.complete) - Number(a.complete))
  const clear =
    best !== undefined && best.columns > 0 && (best.columns > second!.columns || (best.complete && !second!.complete))
  // Incomplete but clear: reading it will name the missing column, which helps more than asking for the type.
  if (hinted && (!best?.complete || best.type === hinted.type)) return found(hinted, 0.5)
  if (!hinted && clear && (best.complete || best.columns > 2)) return found(best, best.complete ? 0.8 : 0.5)
  return { candidates: fits.filter(({ complete }) => complete).map(({ type }) => type) }
}

/** How well a header row fits a type. */
export interface Fit {
  readonly type: FileType
  /** How many of the file's columns the type knows. */
  readonly columns: number
  /** All required columns are there. */
  readonly complete: boolean
}

export function fitOf(type: FileType, headers: readonly string[], mapping: Mapping | undefined): Fit {
  try {
    const columns = findColumns(type, headers, mapping)
    return { type, columns: columns.size, complete: missingColumns(type, columns, mapping).length === 0 }
  } catch (error) {
    // A mapping entry that is no column of this type, or two columns for one: the file is of another type.
    if (error instanceof RoiError) return { type, columns: 0, complete: false }
    throw error
  }
}

/** Type a file name tells, such as `costs-2026.csv` or `2026年费用.csv`; undefined when it names none or several. */
export function typeOfName(name: string): FileType | undefined {
  let rest = (name.split(/[\\/]/).pop() ?? name)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\.[a-z]{1,4}$/, '')
  const types = new Set<FileType>()
  for (const [word, type] of FILE_WORDS) {
    const pattern = /^[a-z]/.test(word) ? new RegExp(`(?<![a-z])${word}(?![a-z])`) : new RegExp(word)
    if (!pattern.test(rest)) continue
    types.add(type)
    rest = rest.replaceAll(new RegExp(pattern, 'g'), ' ')
  }
  return types.size === 1 ? [...types][0] : undefined
}

export function unknownType(name: string, headers: readonly string[], candidates: readonly FileType[]): RoiError {
  const list = headers.map((header) => quote(header.trim())).join(', ')
  return new RoiError(
    'usage',
    'unknown_type',
    candidates.length > 0
      ? say(
          `${quote(name)} may be ${candidates.join(' or ')}; name and headers (${list}) do not decide it.`,
          `${quote(name)} 可能是 ${candidates.join(' 或 ')}；文件名与表头（${list}）无法确定类型。`,
        )
      : say(
          `What ${quote(name)} holds is not clear: no file type has the columns ${list}.`,
          `无法判断 ${quote(name)} 的类型：没有文件类型包含列 ${list}。`,
        ),
    say(
      `Say it with --type ${FILE_TYPES.join('|')}, and name other columns in a mapping file (--map).`,
      `请用 --type ${FILE_TYPES.join('|')} 指定类型；如列名不同，请用映射文件（--map）指明。`,
    ),
  )
}
