import type { IncomingHttpHeaders } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Dispatcher, Pool } from 'undici'

/** Longest waits of one attempt, milliseconds. */
export interface Deadlines {
  /** Until the connection stands. */
  readonly connect: number
  /** Until the head of the answer is there. */
  readonly headers: number
  /** Between two parts of the body. */
  readonly idle: number
  /** For all of it, however busy the connection is. */
  readonly total: number
}

export const DEADLINES: Deadlines = { connect: 5000, headers: 30_000, idle: 30_000, total: 120_000 }

/** A compressed page of records shrinks to a tenth, seldom to a fiftieth; a bomb to a thousandth. */
const MAX_RATIO = 200
/** Less than this is harmless at any ratio, bytes. */
const SMALL = 4 << 20

const DECODERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** A request as it goes over the wire. */
export interface Outgoing {
  readonly method: Dispatcher.HttpMethod
  /** With its query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** An answer, decompressed. */
export interface Incoming {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** No usable answer came, for a reason of ours. Errors of the network and of undici pass as they are. */
export class ExchangeError extends Error {
  readonly code: 'timeout' | 'answer_too_large' | 'unknown_encoding'

  constructor(code: ExchangeError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * One request and its whole answer. Follows no redirect, and leaves no body behind that is neither read nor destroyed.
 * @param maxBytes of the answer, decompressed
 * @throws the reason of the signal, ExchangeError, or an error with a code of Node or undici
 */
export async function exchange(
  pool: Pool,
  request: Outgoing,
  { total, maxBytes, signal }: { readonly total: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Incoming> {
  signal.throwIfAborted()
  const ending = new AbortController()
  const onAbort = () => ending.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => ending.abort(new ExchangeError('timeout', `no answer within ${total} ms`)), total)
  try {
    const { statusCode, headers, body } = await pool.request({
      method: request.method,
      path: request.target,
      headers: request.headers,
      body: request.body,
      signal: ending.signal,
    })
    // Destroying a body that nobody reads any more raises an error that nobody else would hear.
    body.on('error', () => undefined)
    try {
      const redirected = statusCode >= 300 && statusCode < 400
      return { status: statusCode, headers, body: redirected ? Buffer.alloc(0) : await read(body, headers, maxBytes) }
    } finally {
      body.destroy()
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

async function read(body: Dispatcher.ResponseData['body'], headers: IncomingHttpHeaders, maxBytes: number) {
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity'
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]?.() : undefined
  if (!decoder && encoding !== 'identity')
    throw new ExchangeError('unknown_encoding', 'the answer is encoded unheard-of')
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  const sink = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      size += chunk.length
      // `bytesWritten` is what the decoder has taken in.
      if (size > maxBytes || (decoder && size > SMALL && size > decoder.bytesWritten * MAX_RATIO)) {
        throw tooLarge(maxBytes)
      }
      chunks.push(chunk)
    }
  }
  await (decoder ? pipeline(body, decoder, sink) : pipeline(body, sink))
  return Buffer.concat(chunks, size)
}

function tooLarge(maxBytes: number): ExchangeError {
  return new ExchangeError('answer_too_large', `the answer is larger than ${maxBytes} bytes`)
}
