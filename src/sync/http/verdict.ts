import type { z } from 'zod'
import { ConnectorError, type Remedy } from '../../errors.ts'
import { redact } from '../../redact.ts'
import type { Connector, Fault, HttpAnswer } from '../contract.ts'
import type { Incoming } from './exchange.ts'
import { parseJson } from './json.ts'

/** What the vendor says, at most; characters. */
const MAX_MESSAGE = 200
/** How many places that do not fit are named. */
const MAX_ISSUES = 3

/** What one attempt came to. `failed`: it speaks against the source as a whole, not against this request. */
export type Verdict<T> =
  | { readonly next: 'done'; readonly value: T; readonly failed: false }
  | Retry
  /** The credentials are refused. */
  | { readonly next: 'renew'; readonly error: ConnectorError; readonly failed: false }
  /** Nobody may ask before `until`; undefined where the source does not tell. */
  | {
      readonly next: 'pause'
      readonly error: ConnectorError
      readonly until: number | undefined
      readonly failed: false
    }
  | { readonly next: 'fail'; readonly error: ConnectorError; readonly failed: boolean }

export interface Retry {
  readonly next: 'retry'
  /** Thrown when there is no try left. */
  readonly error: ConnectorError
  /** Milliseconds the source wants to be left alone; undefined where it does not tell. */
  readonly after: number | undefined
  /** A rate limit is reached: this holds for all requests of the limit. */
  readonly limited: boolean
  readonly failed: boolean
}

/** What an attempt was about, for messages. */
export interface Subject {
  readonly connector: Pick<Connector, 'id' | 'api' | 'errors'>
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** The answer may be text of any type. */
  readonly text: boolean
  /** Never to be seen in a message. */
  readonly secrets: readonly string[]
  /** By the clock of waits, milliseconds. */
  readonly now: number
}

const STATUSES: Readonly<Record<number, readonly [Remedy, string]>> = {
  400: ['report', 'bad_request'],
  401: ['fix-settings', 'unauthorized'],
  402: ['fix-settings', 'payment_required'],
  403: ['fix-settings', 'forbidden'],
  404: ['report', 'not_found'],
  408: ['retry', 'timeout'],
  409: ['report', 'conflict'],
  410: ['report', 'not_found'],
  425: ['retry', 'too_early'],
  429: ['retry', 'rate_limited'],
}

const SOURCE_FAILED = ['retry', 'source_failed'] as const
const REFUSED = ['report', 'refused'] as const

/** Codes of the network, of undici and of {@link exchange}; the first that fits. */
const NETWORK: readonly (readonly [RegExp, Remedy, string])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, 'retry', 'host_unknown'],
  [/^ECONNREFUSED$/, 'retry', 'connection_refused'],
  [/^(timeout|ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, 'retry', 'timeout'],
  // A certificate that does not hold: a proxy that looks inside, or a wrong clock of this machine.
  [/CERT|SELF_SIGNED|^UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|^CRL_/, 'fix-settings', 'tls_failed'],
  [/^(EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/, 'report', 'tls_failed'],
  [/^answer_too_large$/, 'report', 'answer_too_large'],
  [
    /^(Z_\w+|ERR__ERROR_\w+|ERR_BROTLI\w+|unknown_encoding|HPE_\w+|UND_ERR_RES\w*|UND_ERR_HEADERS_OVERFLOW)$/,
    'retry',
    'bad_answer',
  ],
  [/^(UND_ERR_INVALID_ARG|ERR_INVALID_\w+|UND_ERR_REQ\w*)$/, 'report', 'bad_request'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE)$/, 'retry', 'connection_reset'],
]

const UNKNOWN = [undefined, 'retry', 'network_failed'] as const

/**
 * Judges an attempt that brought no answer.
 * @throws the error itself when it is none of the network: a mistake in this program
 */
export function judgeError(error: unknown, subject: Subject): Verdict<never> {
  const code = codeOf(error)
  if (code === undefined) throw error
  const [, remedy, name] = NETWORK.find(([pattern]) => pattern.test(code)) ?? UNKNOWN
  // Only the code: the error may hold headers or the first bytes of an answer.
  const told = failure(subject, remedy, name, `no usable answer (${code})`)
  return remedy === 'retry' ? again(told, true) : { next: 'fail', error: told, failed: name === 'tls_failed' }
}

/** Some errors of the HTTP parser have a name only. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name === 'HTTPParserError' ? 'HPE_INVALID' : undefined
}

/** Judges an answer: by status, by what the connector finds in it, by type and by shape. */
export function judgeAnswer<T>(incoming: Incoming, schema: z.ZodType<T>, subject: Subject): Verdict<T> {
  const { status } = incoming
  const content = contentOf(incoming, subject)
  const answer: HttpAnswer = { status, header: (name) => headerOf(incoming, name), body: content.body }
  if (status >= 300 && status < 400) return refuseRedirect(answer, subject)
  const fault = faultOf(answer, subject)
  if (fault || status >= 400) return judgeFault(answer, fault, subject)
  if (content.problem) return again(failure(subject, 'retry', 'bad_answer', content.problem), true)
  return judgeShape(content.body, schema, subject)
}

function judgeFault(answer: HttpAnswer, fault: Fault | undefined, subject: Subject): Verdict<never> {
  const { status } = answer
  const known = STATUSES[status] ?? (status >= 500 ? SOURCE_FAILED : REFUSED)
  const { errors } = subject.connector
  // The code comes from outside and may be named like a property of every object.
  const named = fault && Object.hasOwn(errors, fault.code) ? errors[fault.code] : undefined
  const remedy = named ?? errors[String(status)] ?? (status < 400 ? 'report' : known[0])
  // Refused credentials have one name, whatever a source calls them, unless its connector knows better.
  const code = fault && (named || status !== 401) ? fault.code : known[1]
  const said = fault?.message ? `: ${fault.message}` : ''
  const error = failure(subject, remedy, code, `answered ${status}${fault ? ` ${fault.code}` : ''}${said}`)
  const after = retryAfter(answer, subject.now)
  if (status === 401 && remedy === 'fix-settings') return { next: 'renew', error, failed: false }
  if (remedy === 'wait') {
    const until = fault?.retryAt?.getTime() ?? (after === undefined ? undefined : subject.now + after)
    return { next: 'pause', error, until, failed: false }
  }
  const failed = status >= 500 || (status < 400 && remedy === 'retry')
  if (remedy !== 'retry') return { next: 'fail', error, failed }
  return { next: 'retry', error, after, limited: status === 429, failed }
}

function judgeShape<T>(body: unknown, schema: z.ZodType<T>, subject: Subject): Verdict<T> {
  let problem: string
  try {
    const parsed = schema.safeParse(body)
    if (parsed.success) return { next: 'done', value: parsed.data, failed: false }
    // A short answer is a cut one; who retries in vain hears of a source that is out of order, not of a new format.
    if (body === undefined) return again(failure(subject, 'retry', 'bad_answer', 'the answer is empty'), true)
    const issues = parsed.error.issues.slice(0, MAX_ISSUES)
    problem = issues.map(({ path, message }) => `${path.map(String).join('.') || 'answer'}: ${message}`).join('; ')
  } catch (error) {
    // A schema that follows the nesting of an answer runs out of stack.
    if (!(error instanceof RangeError)) throw error
    problem = 'the answer is nested too deep'
  }
  return again(failure(subject, 'report', 'unexpected_answer', `not the expected answer: ${problem}`), true)
}

function refuseRedirect(answer: HttpAnswer, subject: Subject): Verdict<never> {
  const location = answer.header('location') ?? ''
  const host = URL.canParse(location) ? new URL(location).hostname : 'the same host'
  const error = failure(subject, 'report', 'redirect_refused', `answered ${answer.status}, a redirect to ${host}`)
  return { next: 'fail', error, failed: false }
}

/** What the connector finds; nothing in an answer may make it end the run. */
function faultOf(answer: HttpAnswer, { connector }: Subject): Fault | undefined {
  try {
    return connector.api?.fault?.(answer)
  } catch {
    // It was written for the bodies the source documents, and this is none of them; status and schema judge it.
    return undefined
  }
}

/** The body: parsed, or text with what is wrong with it. */
function contentOf(
  { headers, body }: Incoming,
  subject: Pick<Subject, 'text'>,
): { readonly body: unknown; readonly problem?: string } {
  if (body.length === 0) return { body: undefined }
  const text = body.toString('utf8').replace(/^\uFEFF/, '')
  if (subject.text) return { body: text }
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (!/^application\/(?:.{1,100}\+)?json$|\+json$/.test(type)) {
    return { body: text, problem: `the answer is no JSON but ${type || 'of no type'}` }
  }
  try {
    return { body: parseJson(text) }
  } catch {
    return { body: text, problem: 'the answer is no valid JSON' }
  }
}

/** The first value of a header. */
export function headerOf({ headers }: Incoming, name: string): string | undefined {
  const value = headers[name.toLowerCase()]
  return Array.isArray(value) ? value[0] : value
}

/** Milliseconds to wait by `Retry-After`. A date is read against the source's own, so that no clock of ours matters. */
function retryAfter(answer: HttpAnswer, now: number): number | undefined {
  const value = answer.header('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  const sent = Date.parse(answer.header('date') ?? '')
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(sent) ? now : sent))
}

function again(error: ConnectorError, failed: boolean): Retry {
  return { next: 'retry', error, after: undefined, limited: false, failed }
}

function failure({ connector, method, path, secrets }: Subject, remedy: Remedy, code: string, what: string) {
  const told = redact(what.slice(0, 4 * MAX_MESSAGE), secrets)
  const short = told.length > MAX_MESSAGE ? `${told.slice(0, MAX_MESSAGE)}…` : told
  return new ConnectorError(remedy, code, `${connector.id} ${method} ${redact(path, secrets)}: ${short}`)
}
