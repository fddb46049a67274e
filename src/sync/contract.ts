import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Remedy, Text } from '../errors.ts'
import type { AnyRecord, RecordType } from '../model/records.ts'

/**
 * The connector contract. A connector is a folder with a default export of type {@link Connector} and one line in
 * `connectors/index.ts`. It translates; retry, rate limits, paging state, storage and schedules belong to the runner.
 */

/** What a connector offers to read; the key in {@link Connector.pull}. */
export type Stream =
  | 'campaigns'
  | 'costs'
  | 'contacts'
  | 'accounts'
  | 'touches'
  | 'deals'
  | 'stage_changes'
  | 'payments'

/** Points at one record of the source. */
export interface Ref {
  readonly type: RecordType
  readonly id: string
}

/** One record that was refused. It is kept with its reason; the rest of the page goes on. */
export interface Reject {
  /** Line and column of a file, or the id of a record. */
  readonly where: { readonly line?: number; readonly column?: string; readonly id?: string }
  /** Stable code, such as `bad_date`. */
  readonly code: string
  readonly message: Text
  /** The row as it came, for replay; shortened to 64 KB. */
  readonly raw: string
}

/** Something a person should know about that refused nothing, counted over a read: dates guessed, unknown category … */
export interface Notice {
  readonly code: string
  readonly message: Text
  readonly count: number
  /** First line or record it was seen at. */
  readonly example?: string
}

/** A page of a read. Pages are grouped into transactions by the runner. */
export interface Page {
  readonly records: readonly AnyRecord[]
  /** Gone at the source. */
  readonly deleted?: readonly Ref[]
  /** The loser becomes an alias of the winner. */
  readonly merged?: readonly { readonly from: Ref; readonly into: Ref }[]
  readonly rejected?: readonly Reject[]
  readonly notices?: readonly Notice[]
  /** Where the next run resumes. Saved in the same transaction as the rows it covers. */
  readonly cursor: string
  /** Part of the whole read so far, 0 to 1, where the source can tell. */
  readonly progress?: number
}

/** What the runner gives to a connector. */
export interface Context<Settings> {
  /** Parsed by the connector's own zod schema. */
  readonly settings: Settings
  /** Opens a kept import file by its name (SHA-256). For file connectors. */
  open(name: string): Promise<Readable>
  readonly signal: AbortSignal
  log(message: string, details?: Record<string, unknown>): void
  now(): Date
}

/** Reads a stream from a cursor (null = from the beginning). May be abandoned after any page. */
export type Pull<Settings> = (context: Context<Settings>, cursor: string | null) => AsyncIterable<Page>

/** Who the credentials belong to; the answer of {@link Connector.check}. */
export interface Identity {
  /** Key of the connection together with the connector id. */
  readonly externalAccountId: string
  readonly name: string
  readonly currency?: string
  readonly zone?: string
}

/** How a source authenticates, declared as data. */
export interface NoAuth {
  readonly type: 'none'
}

/** HTTP status or in-body code to remedy. */
export type ErrorTable = Readonly<Record<string, Remedy>>

export interface Connector<Settings extends z.ZodObject = z.ZodObject> {
  /** Folder name, registry key and `source` on every record. */
  readonly id: string
  readonly title: Text
  /** Config file, CLI help and the connect form are derived from it. */
  readonly settings: Settings
  readonly auth: NoAuth
  readonly errors: ErrorTable
  /** The cheapest call that proves the settings work. */
  check(context: Context<z.output<Settings>>): Promise<Identity>
  /** The keys say what the source offers. */
  readonly pull: { readonly [K in Stream]?: Pull<z.output<Settings>> }
}

/** Declares a connector with its settings type inferred. */
export function defineConnector<Settings extends z.ZodObject>(connector: Connector<Settings>): Connector<Settings> {
  return connector
}
