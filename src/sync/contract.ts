import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { Remedy, Text } from '../errors.ts'
import type { AnyRecord, RecordType } from '../model/records.ts'
import type { RuleModel } from '../model/rule-models.ts'

/**
 * The connector contract. A connector is a folder with a default export of type {@link Connector} and one line in
 * `connectors/index.ts`. It translates; retry, rate limits, paging state, storage and schedules belong to the runner.
 */

/** Points at one record of the source. */
export interface Ref {
  readonly type: RecordType
  readonly id: string
}

/** A record that is gone at the source. */
export interface Gone extends Ref {
  /**
   * A contact gone for good on a person's request: what else would tell about them goes too, the totals stay (reliability
   * G11). Its id is never filled again, whatever brings it; so say it only where the source said so. Ids are kept: they must not
   * be addresses or names.
   */
  readonly erased?: boolean
}

/** Two records became one: `from` is an alias of `into` from now on. */
export interface Merge {
  readonly from: Ref
  readonly into: Ref
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
  readonly deleted?: readonly Gone[]
  readonly merged?: readonly Merge[]
  readonly rejected?: readonly Reject[]
  readonly notices?: readonly Notice[]
  /** Where the next run resumes. Saved in the same transaction as the rows it covers. */
  readonly cursor: string
  /** Part of the whole read so far, 0 to 1, where the source can tell. */
  readonly progress?: number
}

/** How a field of an answer differs from what the connector was written for. */
export type DriftKind = 'missing' | 'retyped' | 'new'

/** What the runner gives to a connector. */
export interface Context<Settings> {
  /** Parsed by the connector's own zod schema. */
  readonly settings: Settings
  /** Requests to the source's API. Connectors without {@link Connector.api} must not ask. */
  readonly http: Http
  /** Who the credentials belong to, from the check at the start of the run. */
  readonly identity: Identity
  /** Opens a kept import file by its name (SHA-256). For file connectors. */
  open(name: string): Promise<Readable>
  readonly signal: AbortSignal
  log(message: string, details?: Record<string, unknown>): void
  /** Tells that a field is not as expected. Reported to people once per field and day. */
  drift(field: string, kind: DriftKind): void
  /** Now by the source's clock, as far as its answers told it; else this machine's. */
  now(): Date
}

/** A request to the source's API. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the origin of {@link Api}, with a leading slash. Parts that are data must be encoded by the caller. */
  readonly path: string
  /** undefined is left out; a list becomes repeated parameters. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Body as JSON. */
  readonly json?: unknown
  /** Body as an HTML form. */
  readonly form?: Readonly<Record<string, string>>
  /** Which of {@link Api.limits} it counts against; default `core`. */
  readonly limit?: string
  /** The answer is text of any type, such as XML; the schema gets it as it is. Default: it must be JSON. */
  readonly text?: boolean
}

/** An answer as it came: before status and shape are judged. `body`: parsed JSON, text when it is none. */
export interface HttpAnswer {
  readonly status: number
  header(name: string): string | undefined
  readonly body: unknown
}

/**
 * Requests under deadlines, a byte limit, the connection's rate limits, retry and breaker. Integers beyond 2^53 in an
 * answer are texts, digit for digit.
 */
export interface Http {
  /**
   * The answer, parsed. Retries what may work again: resets, timeouts, 408, 429, 5xx, and answers that are no JSON or do
   * not fit the schema.
   * @throws ConnectorError with its remedy, once retrying is useless
   */
  get<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T>
}

/** Reads a stream from a cursor (null = from the beginning). May be abandoned after any page. */
export type Pull<Settings> = (context: Context<Settings>, cursor: string | null) => AsyncIterable<Page>

/** Record ids as decimal integers: greater than `after`, up to and including `upto`. */
export interface IdRange {
  readonly after: string
  readonly upto: string
}

/**
 * One kind of thing a source offers to read. Only {@link Stream.read} is needed; everything else makes runs cheaper or
 * safer where the source can do it.
 */
export interface Stream<Settings> {
  readonly title: Text
  /** What its records are; a whole read finds records of this type that are gone. Others may come along. */
  readonly type: RecordType
  /** Other streams bring records of this type as well: a whole read of this one cannot tell what is gone. */
  readonly shared?: boolean
  /** Depends on the account's plan or on an optional scope: without it the stream is off, and the run still complete. */
  readonly optional?: boolean
  /** The scope an optional stream needs: where {@link Identity.scopes} lacks it, nothing is asked and the stream is off. */
  readonly scope?: string
  /** Everything there is, in an order that changes do not disturb, such as by id. */
  read(context: Context<Settings>, cursor: string | null): AsyncIterable<Page>
  /** Lets a whole read be split by id. */
  readonly ranges?: {
    /**
     * Lowest (excluded) and highest id at this moment; null when there is nothing. With `since`: of what was made at or
     * after that instant, so that the newest can be read first; there it need not be exact.
     */
    bounds(context: Context<Settings>, since: Date | null): Promise<IdRange | null>
    /** Records of a range in ascending order; the cursor of each page is the last id it covers. */
    read(context: Context<Settings>, range: IdRange): AsyncIterable<Page>
  }
  /** What was changed or made at or after an instant of the source's clock, oldest first. Without it every run is whole. */
  changes?(context: Context<Settings>, since: Date, cursor: string | null): AsyncIterable<Page>
  /** Ids of what was deleted, as far as the source keeps them. Read after each incremental run. */
  gone?(context: Context<Settings>, since: Date | null): AsyncIterable<Page>
  /** How many records of {@link Stream.type} a whole read must find. */
  total?(context: Context<Settings>): Promise<number>
}

/** Who the credentials belong to; the answer of {@link Connector.check}. */
export interface Identity {
  /** Key of the connection together with the connector id. */
  readonly externalAccountId: string
  readonly name: string
  readonly currency?: string
  readonly zone?: string
  /** What the credentials may do, where the source tells. */
  readonly scopes?: readonly string[]
}

/** Nothing to prove: files. */
export interface NoAuth {
  readonly type: 'none'
}

/** A secret of the settings, sent with every request. */
export interface ApiKey {
  readonly type: 'api_key'
  /** Key of the setting that holds it. */
  readonly setting: string
  /** Default `authorization`. */
  readonly header?: string
  /** Default `Bearer `. */
  readonly prefix?: string
}

/** Access that a person grants at the source and that we renew (RFC 6749, refresh tokens may rotate). */
export interface OAuth2 {
  readonly type: 'oauth2'
  /** Page where a person grants it. With a stand-in for the origin of {@link Api} the stand-in serves this page as well. */
  readonly authorizeUrl: string
  /** Below the origin of {@link Api}, as the other paths are. */
  readonly tokenPath: string
  /** RFC 7662; tells that access was taken away without anybody asking for data. */
  readonly introspectPath?: string
  /** RFC 7009; used where {@link Connector.disconnect} does not take the access back. */
  readonly revokePath?: string
  readonly scopes: OAuthScopes
  /** Whether the token endpoint takes the verifier of RFC 7636 (S256). */
  readonly pkce: boolean
  /** A secret of the settings that proves as much: a key a person made at the source. */
  readonly also?: ApiKey
}

/** What is asked for; what was granted decides what is read. */
export interface OAuthScopes {
  readonly required: readonly string[]
  /** Granted where the account has them, left out where it has not. */
  readonly optional: readonly string[]
  /** Parameter of the authorize page that takes the optional ones. */
  readonly optionalParameter: string
  /** Asked for as required ones, and only when a person wants them: an account without them cannot grant anything then. */
  readonly conditional: readonly string[]
  /** Asked for beside the others, and only when a person wants what they are for. */
  readonly onDemand?: Readonly<Partial<Record<Purpose, PurposeScopes>>>
}

/** What a source may be used for beside reading it: {@link Connector.write}, {@link Connector.compare}. */
export const PURPOSES = ['write_back', 'compare'] as const
export type Purpose = (typeof PURPOSES)[number]

/** Scopes of one purpose, by how they are asked for. */
export interface PurposeScopes {
  /** As {@link OAuthScopes.optional}. */
  readonly optional: readonly string[]
  /** As {@link OAuthScopes.conditional}. */
  readonly conditional: readonly string[]
}

/** How a source authenticates, declared as data. */
export type Auth = NoAuth | ApiKey | OAuth2

/** So many requests in so many milliseconds, rolling; `concurrent` at a time. */
export interface RateLimit {
  readonly requests: number
  readonly per: number
  readonly concurrent: number
}

/** The API of a source, declared as data. */
export interface Api {
  /** `https://…`, without a trailing slash. */
  readonly origin: string
  /** By name; `core` is the one of requests that name none. What the source tells in its headers outranks them. */
  readonly limits: Readonly<Record<string, RateLimit>> & { readonly core: RateLimit }
  /** Names of the headers that tell about the limit `core`. */
  readonly rateHeaders?: { readonly max: string; readonly remaining: string; readonly interval: string }
  /** An error inside an answer, also one with status 200; undefined when there is none. */
  fault?(answer: HttpAnswer): Fault | undefined
}

/** What is wrong with an answer. */
export interface Fault {
  /** In-body code; looked up in {@link Connector.errors} before the status. */
  readonly code: string
  /** What the source says, for people. Never holds a credential. */
  readonly message: string
  /** When it may work again, where the source tells in the body. */
  readonly retryAt?: Date
}

/** A request that a source may have signed, before anything of it is believed. */
export interface SignedRequest {
  readonly method: string
  /** The configured public address with path and query as they came; never built from `Host`. */
  readonly url: string
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  readonly receivedAt: Date
}

/** A webhook. */
export interface Delivery extends SignedRequest {
  /**
   * The body as JSON; integers beyond 2^53 are texts, digit for digit.
   * @throws SyntaxError, RangeError
   */
  json(): unknown
}

/** A record to read again. */
export interface Hint extends Ref {
  /** The event says that it was deleted; whether it is still gone is for the read to tell. */
  readonly gone?: boolean
}

/**
 * What a webhook says happened. It is a hint: what is written is what the source answers when the records are read
 * again. Nothing but ids of it is kept.
 */
export interface SourceEvent {
  /** External account id: whose it is. */
  readonly account: string
  /** The same however often it is delivered. Keys that begin with the time are cheapest to keep. */
  readonly key: string
  readonly occurredAt: Date
  readonly refs?: readonly Hint[]
  /** Gone without asking: what the source erased it cannot tell about any more. */
  readonly gone?: readonly Gone[]
  readonly merges?: readonly Merge[]
}

/** An event that cannot be understood, kept with its reason when its account is connected. */
export interface RejectedEvent extends Reject {
  readonly account?: string
}

/** What a delivery holds. Kinds of event that nobody asked for are in neither list. */
export interface Received {
  readonly events: readonly SourceEvent[]
  readonly rejected: readonly RejectedEvent[]
}

/** What is to stand in fields of a record at the source, by names of the connector's own; null empties a field. */
export interface Change extends Ref {
  readonly values: Readonly<Record<string, string | number | null>>
}

export interface WriteOptions {
  /** Reads and compares, changes nothing. */
  readonly dryRun: boolean
  /** Told how many records are done. */
  readonly onProgress?: (records: number) => void
}

/** One value that is, or would be, changed. */
export interface WrittenValue extends Ref {
  readonly field: string
  readonly before: string | null
  readonly after: string | null
}

/** What a write made of the records it was given. */
export interface WriteReport {
  readonly records: number
  /** Records that had every value already. */
  readonly unchanged: number
  /** Records with at least one value to change. */
  readonly changed: number
  /** Of these, written: none of a dry run. */
  readonly written: number
  /** Records that are gone at the source, or that it refused, the first hundred with their reason. */
  readonly failed: { readonly count: number; readonly examples: readonly (Ref & { readonly message: string })[] }
  /** Fields made at the source, or in a dry run those that would be. */
  readonly created: readonly string[]
  /** The first few values. */
  readonly values: readonly WrittenValue[]
}

/** What the source itself says a campaign earned under one of its own models. */
export interface OwnRevenue {
  readonly campaign: string
  /** Our model that it comes closest to. */
  readonly model: RuleModel
  readonly revenue: string
  readonly currency: string | undefined
  readonly deals: number | undefined
}

/** HTTP status (`403`) or in-body code (`MISSING_SCOPES`) to remedy; an in-body code outranks the status. */
export type ErrorTable = Readonly<Record<string, Remedy>>

export interface Connector<Settings extends z.ZodObject = z.ZodObject> {
  /** Folder name, registry key and `source` on every record. */
  readonly id: string
  readonly title: Text
  /** Config file, CLI help and the connect form are derived from it, with what {@link FIELDS} says about each key. */
  readonly settings: Settings
  readonly auth: Auth
  /** None for sources that are no network service. */
  readonly api?: Api
  readonly errors: ErrorTable
  /** The cheapest call that proves the settings work. `identity` of its context is empty. */
  check(context: Context<z.output<Settings>>): Promise<Identity>
  /** The keys say what the source offers, in the order it is read: what others refer to comes first. */
  readonly pull: Readonly<Record<string, Stream<z.output<Settings>>>>
  /** Reads single records again: those a webhook named, and refused ones. Pages are not resumed. */
  read?(context: Context<z.output<Settings>>, refs: readonly Ref[]): AsyncIterable<Page>
  /**
   * Brings fields of records to what they are to be: reads them, and sends only what differs, so that doing it again sends
   * nothing. Makes its own fields where they are missing, and touches no others.
   * @throws ConnectorError `missing_scope` naming what is needed
   */
  write?(
    context: Context<z.output<Settings>>,
    changes: AsyncIterable<Change>,
    options: WriteOptions,
  ): Promise<WriteReport>
  /**
   * The source's own attribution of campaigns, for putting beside ours. Our models by the source's names for them. What was
   * not granted is not asked for: ConnectorError `missing_scope`.
   */
  readonly compare?: {
    readonly models: Readonly<Partial<Record<RuleModel, string>>>
    read(context: Context<z.output<Settings>>, campaigns: readonly string[]): AsyncIterable<OwnRevenue>
  }
  /**
   * Whether a request is the source's own: signed with one of the client secrets, and fresh.
   * @returns what of it was signed, in a word for the log, such as which reading of the address; null when it is not
   */
  verify?(request: SignedRequest, secrets: readonly string[]): string | null
  /** What a verified webhook says. One bad event stops no other. @throws ConnectorError when the whole cannot be read */
  receive?(delivery: Delivery): Received
  /** Takes back the access that {@link OAuth2} granted, before its tokens are forgotten: uninstalls the app. */
  disconnect?(context: Context<z.output<Settings>>): Promise<void>
}

/** What a person sees of a setting. */
export interface Field {
  readonly label: Text
  readonly help?: Text
  /** Encrypted at rest, never shown, and taken from a file, the environment or a prompt only. */
  readonly secret?: boolean
  readonly example?: string
}

/** What people see of the settings: `z.string().register(FIELDS, { label })`. */
export const FIELDS = z.registry<Field>()

/** Declares a connector with its settings type inferred. */
export function defineConnector<Settings extends z.ZodObject>(connector: Connector<Settings>): Connector<Settings> {
  return connector
}

/** The parts of a context that a connector without an API does not use. */
export const OFFLINE: Pick<Context<unknown>, 'http' | 'identity' | 'drift'> = {
  http: {
    get() {
      throw new Error('a connector without an API makes no requests')
    },
  },
  identity: { externalAccountId: '', name: '' },
  drift() {},
}
