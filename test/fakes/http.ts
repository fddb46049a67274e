import type { IncomingHttpHeaders, ServerResponse } from 'node:http'

/** A request as a route sees it. */
export interface FakeRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Values of the pattern's `:names`, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Parsed JSON, the fields of a form, or `undefined` without a body. */
  readonly body: unknown
  /** The body as sent. */
  readonly text: string
  /** Who is asking: what `authenticate` answered. */
  readonly account: string
  /** The fake's own time. */
  readonly now: number
}

/** What a route answers: a value that becomes JSON, or the finished text. Neither: no body. */
export interface FakeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly text?: string | Buffer
}

/** JSON in which a bigint keeps every digit. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? raw(String(item)) : item))
}

// Part of the language since Node 22, not yet of the type library.
const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

/** The body's bytes. */
export function bytesOf({ body, text }: FakeAnswer): Buffer {
  if (text !== undefined) return typeof text === 'string' ? Buffer.from(text) : text
  return Buffer.from(body === undefined ? '' : typeof body === 'object' ? stringify(body) : JSON.stringify(body))
}

/** The body as text. */
export function textOf(answer: FakeAnswer): string {
  return typeof answer.text === 'string' ? answer.text : bytesOf(answer).toString()
}

function stringify(value: unknown): string {
  try {
    // Without a replacer it is several times as fast, and a bigint is rare.
    return JSON.stringify(value)
  } catch {
    return toJson(value)
  }
}

/** Status and headers of an answer whose body has this many bytes. */
export function writeHead(response: ServerResponse, answer: FakeAnswer, length: number, now: number): void {
  response.writeHead(answer.status, {
    'Content-Type': 'application/json;charset=utf-8',
    'Content-Length': length,
    Date: httpDate(now),
    ...answer.headers,
  })
}

/** Sends a whole answer. */
export function send(response: ServerResponse, answer: FakeAnswer, now: number): void {
  if (answer.status === 204) {
    response.writeHead(204, { Date: httpDate(now), ...answer.headers }).end()
    return
  }
  const bytes = bytesOf(answer)
  writeHead(response, answer, bytes.length, now)
  response.end(bytes)
}

let formatted = { second: Number.NaN, text: '' }

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
export function httpDate(now: number): string {
  const second = Math.floor(now / 1000)
  if (formatted.second !== second) formatted = { second, text: new Date(second * 1000).toUTCString() }
  return formatted.text
}
