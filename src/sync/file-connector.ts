import type { Readable } from 'node:stream'
import type { RecordTable } from '../db/schema.ts'
import type { Context, Page } from './contract.ts'

/** Opens a file from its beginning, as often as needed. */
export type Open = () => Promise<Readable>

/**
 * What an import needs of the files connector. The composition root hands it over, because nothing below it may import
 * a connector. Beyond the contract: the cursor of its pages is the number of data rows read so far.
 */
export interface FileConnector {
  readonly id: string
  /** Its own schema; what a pull gets has gone through it. */
  readonly settings: { parse(settings: unknown): unknown }
  readonly pull: Readonly<Record<string, { readonly read: FilePull }>>
  /**
   * The tables of a file, each read as if it were a file of its own: a workbook has one for each sheet that follows a
   * template. `skipped` are names of sheets that are not read. Throws RoiError `unknown_type` when the file does not
   * tell what it is.
   */
  parts(
    open: Open,
    name: string,
    options: PartsOptions,
  ): Promise<{ parts: readonly Part[]; skipped: readonly string[] }>
  /** The part of a mapping document that is meant for one file. Throws RoiError `bad_mapping`. */
  parseMapping(json: unknown, fileName: string): unknown
}

/** One table of a file. */
export interface Part {
  readonly type: string
  /** Name of the file; with the sheet when there are several. */
  readonly name: string
  /** What {@link FileConnector.settings} takes as `map`; says which table it is. Kept as JSON. */
  readonly map: unknown
}

export interface PartsOptions {
  /** From {@link FileConnector.parseMapping}. */
  readonly map?: unknown
  /** What the user says the tables are. */
  readonly type?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** A pull of any settings type: declared as a method, because the connector's own schema has checked them. */
export type FilePull = { pull(context: Context<unknown>, cursor: string | null): AsyncIterable<Page> }['pull']

/**
 * Tables of the file types, in the order files of one import are read: what others refer to comes first. The order
 * changes no result, only how soon the names of references are known.
 */
export const TABLE_OF: Readonly<Record<string, RecordTable>> = {
  campaigns: 'campaign',
  accounts: 'account',
  contacts: 'contact',
  touches: 'touch',
  costs: 'cost',
  deals: 'deal',
  payments: 'payment',
  invoices: 'invoice',
  rates: 'rate',
}

/** File types in reading order. */
export const FILE_TYPES = Object.keys(TABLE_OF)

/** Table of a file type. Types are checked when an import starts, so an unknown one is a broken state store. */
export function tableOf(type: string): RecordTable {
  const table = TABLE_OF[type]
  if (!table) throw new Error(`no table for files of type ${type}`)
  return table
}
