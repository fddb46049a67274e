import type { Text } from '../../src/errors.ts'
import { LOST_STAGES, VOCABULARIES, WON_STAGES } from './vocabularies.ts'
import { fold, quote, Refusal, say } from './words.ts'

const TRUE = new Set(['true', '1', 'yes', 'y', '是', 't', '√'])
const FALSE = new Set(['false', '0', 'no', 'n', '否', 'f', '×'])
/** Distinct unknown words that are named one by one; the rest share a notice. */
const NAMED_WORDS = 200
const MAX_ID = 512
/** Longest text the model keeps. */
export const MAX_TEXT = 4000

/** A boolean as the documents list them; undefined for anything else. */
export function parseFlag(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined
}

export function badFlag(column: string, text: string): Refusal {
  return new Refusal(
    'bad_boolean',
    `${column}: ${quote(text)} is neither true/1/yes nor false/0/no. Correct it, or say what it means under "values" in a mapping file.`,
    `${column}：${quote(text)} 既不是 true/1/是，也不是 false/0/否。请修正，或在映射文件的 "values" 中说明其含义。`,
  )
}

/** Whether a deal's stage says that it is won (true), lost (false) or still open (undefined). */
export function outcomeOfStage(stage: string): boolean | undefined {
  const word = fold(stage)
  return WON_STAGES.has(word) ? true : LOST_STAGES.has(word) ? false : undefined
}

/** Words of a column with a known set of values. Unknown ones are kept as their own and reported once each. */
export class Vocabulary {
  readonly #column: string
  readonly #cache = new Map<string, { readonly value: string; readonly unknown?: Text }>()
  readonly #others: Text

  constructor(column: string) {
    this.#column = column
    this.#others = say(
      `${column}: further values that are not in the standard list, kept as they are.`,
      `${column}：其余不在标准列表中的值，已按原样保留。`,
    )
  }

  read(text: string): { readonly value: string; readonly unknown?: Text } {
    let entry = this.#cache.get(text)
    if (!entry) {
      entry = this.#look(text)
      if (this.#cache.size < NAMED_WORDS) this.#cache.set(text, entry)
      else if (entry.unknown) entry = { value: text, unknown: this.#others }
    }
    return entry
  }

  #look(text: string): { value: string; unknown?: Text } {
    const { known, words } = VOCABULARIES[this.#column]!
    const word = fold(text)
    const value = known.find((name) => fold(name) === word) ?? words.get(word)
    if (value) return { value }
    const list = known.join(', ')
    return {
      value: text,
      unknown: say(
        `${this.#column}: ${quote(text)} is not in the standard list (${list}) and is kept as it is.`,
        `${this.#column}：${quote(text)} 不在标准列表（${list}）中，已按原样保留。`,
      ),
    }
  }
}

/** An id that can be kept. Excel's scientific notation has lost digits for good, so it is refused. */
export function parseId(column: string, text: string): string | Refusal {
  if (text.length > 5 && /^[+-]?\d+(?:[.,]\d+)?E\+\d+$/i.test(text)) {
    return new Refusal(
      'mangled_id',
      `${column}: Excel turned this id into ${quote(text)} and lost digits. Format the column as text and export the file again.`,
      `${column}：Excel 把编号变成了 ${quote(text)}，位数已丢失。请将该列设为文本格式后重新导出。`,
    )
  }
  if (text.length > MAX_ID) {
    return new Refusal(
      'id_too_long',
      `${column}: an id has at most ${MAX_ID} characters, this one ${text.length}. Check the column mapping.`,
      `${column}：编号最长 ${MAX_ID} 个字符，此处为 ${text.length} 个。请检查列映射。`,
    )
  }
  return text
}

/** True for an id that Excel may have rounded: more than 15 digits, zeros from the 16th or at least three at the end. */
export function looksRounded(text: string): boolean {
  return text.length > 15 && text.endsWith('000') && /^\d+$/.test(text)
}
