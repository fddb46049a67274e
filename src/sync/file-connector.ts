import type { Readable } from 'node:stream'
import type { RecordTable } from '../db/schema.ts'
import type { Context, Page, Stream } from './contract.ts'

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
  readonly pull: { readonly [K in Stream]?: FilePull }
  /** Throws RoiError `unknown_type` when the file does not tell what it is. */
  detect(open: Open, name: string, map?: unknown): Promise<{ readonly type: string }>
  /** The part of a mapping document that is meant for one file. Throws RoiError `bad_mapping`. */
  parseMapping(json: unknown, fileName: string): unknown
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
}

/** File types in reading order. */
export const FILE_TYPES = Object.keys(TABLE_OF)

/** Table of a file type. Types are checked when an import starts, so an unknown one is a broken state store. */
export function tableOf(type: string): RecordTable {
  const table = TABLE_OF[type]
  if (!table) throw new Error(`no table for files of type ${type}`)
  return table
}
