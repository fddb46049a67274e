/**
 * What the program that reads workbooks and the one that started it tell each other: a job as its only argument, the
 * workbook on its standard input, rows as JSON lines on its standard output, one report as JSON on its standard error.
 */

/** What is asked of a workbook. */
export type Job =
  /** The header row of every worksheet, one {@link SheetHead} per line. */
  | { readonly mode: 'heads' }
  /** All rows of a worksheet, blank ones left out, one {@link Row} per line. */
  | { readonly mode: 'rows'; readonly sheet: string }

export interface SheetHead {
  readonly name: string
  readonly hidden: boolean
  /** Cells of the first row that is not blank; none when the sheet is empty. */
  readonly headers: readonly string[]
}

/** Row number as the spreadsheet shows it, kinds of its cells ('' = all text), cells up to the last that is not blank. */
export type Row = readonly [line: number, kinds: string, ...cells: string[]]

/** What a cell of a workbook is, where that is more than its text. One letter each, so that a row's kinds are a word. */
export const CellKind = {
  text: 't',
  /** A decimal number with a point, or `1.5E+18` when it has more than 15 digits before the point. */
  number: 'n',
  /** A date or time, ISO 8601. */
  date: 'd',
  /** An error such as `#REF!`, or a number that is none. */
  error: 'e',
  /** A formula whose result was never stored. */
  unknown: 'u',
} as const
export type CellKind = (typeof CellKind)[keyof typeof CellKind]

export interface Facts {
  /** Day 0 of its calendar is 1904-01-01. */
  readonly date1904: boolean
  /** Ranges of merged cells. */
  readonly merged: number
}

/** Why a workbook is not read. */
export interface Problem {
  readonly code:
    | 'not_xlsx'
    | 'encrypted'
    | 'damaged'
    | 'unsafe'
    | 'too_many_parts'
    | 'too_large'
    | 'too_many_cells'
    | 'no_such_sheet'
  readonly detail?: string
}

export type Report = { readonly ok: Facts } | { readonly problem: Problem }

/** Thrown while a workbook is read, reported in the end. */
export class BookError extends Error {
  readonly problem: Problem

  constructor(code: Problem['code'], detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`)
    this.problem = detail === undefined ? { code } : { code, detail }
  }
}

const MB = 1_000_000

/** What a workbook may be (reliability.md S14). */
export const LIMITS = {
  /** Bytes of the file. It cannot hold more of use, because its parts must not. */
  file: 100 * MB,
  parts: 10_000,
  /** Bytes of all parts together, unpacked. */
  unpacked: 100 * MB,
  /** Unpacked to packed size; from `ratioFrom` bytes on, because little is no danger. */
  ratio: 100,
  ratioFrom: MB,
  /** Rows times columns, as the sheet claims and as its cells take. */
  cells: 1_000_000,
  /** Characters of one cell. Spreadsheet programs keep 32,767. */
  cell: 1 << 20,
  /** Characters of all cells: a long text that a million cells share would else be a million texts. */
  text: 200 * MB,
  /** Nested XML elements. */
  depth: 50,
  /** Megabytes of JavaScript objects. */
  memory: 512,
  /** Milliseconds from start to end. */
  time: 60_000,
} as const
