import { constants, crc32, deflateRawSync } from 'node:zlib'
import { bytesOf, type FakeAnswer, type FakeRequest, httpDate, textOf, toJson, writeHead } from './http.ts'
import type { Fault } from './script.ts'

/** Answers with this status. */
export function status(
  code: number,
  { headers, body }: { headers?: Readonly<Record<string, string>>; body?: unknown } = {},
): Fault {
  return {
    name: `status ${code}`,
    answer: () => ({
      status: code,
      ...(headers ? { headers } : {}),
      body: body ?? { status: 'error', message: `${code}` },
    }),
  }
}

export interface RateLimited {
  /** Seconds, or a moment so many seconds after the answer's own `Date`. Absent: the header is too. */
  readonly retryAfter?: number | { readonly httpDate: number }
  readonly policyName?: string
  /** How far the server's clock is off. */
  readonly clockSkewMs?: number
}

/** Refuses with 429, in the vendor's shape. */
export function rateLimited({
  retryAfter,
  policyName = 'TEN_SECONDLY_ROLLING',
  clockSkewMs = 0,
}: RateLimited = {}): Fault {
  return {
    name: 'rate limited',
    answer(request, context) {
      const now = request.now + clockSkewMs
      const headers: Record<string, string> = { Date: httpDate(now) }
      if (typeof retryAfter === 'number') headers['Retry-After'] = String(retryAfter)
      else if (retryAfter) headers['Retry-After'] = httpDate(now + retryAfter.httpDate * 1000)
      const answer = context.tooMany(request, policyName)
      return { ...answer, headers: { ...answer.headers, ...headers } }
    },
  }
}

/** Resets the connection before a byte of the answer. */
export function reset(): Fault {
  return { name: 'reset', send: (response) => response.socket?.resetAndDestroy() }
}

/** Sends half of the answer, then resets the connection. */
export function resetMidBody(): Fault {
  return {
    name: 'reset in mid-body',
    send(response, answer, now) {
      const bytes = bytesOf(answer)
      writeHead(response, answer, bytes.length, now)
      response.write(bytes.subarray(0, bytes.length >> 1), () => {
        // The half must have left before the reset, which throws away what has not.
        setTimeout(() => response.socket?.resetAndDestroy(), 5)
      })
    },
  }
}

/** Sends less than Content-Length says and closes the connection in order. */
export function truncate(): Fault {
  return {
    name: 'truncated body',
    send(response, answer, now) {
      const bytes = bytesOf(answer)
      writeHead(response, { ...answer, headers: { ...answer.headers, Connection: 'close' } }, bytes.length, now)
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.end())
    },
  }
}

/** A complete message whose JSON stops half-way. */
export function truncatedJson(): Fault {
  return rewriteText((text) => text.slice(0, text.length >> 1))
}

const PAGE = '<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Back soon</h1></body></html>'

/** A maintenance page with status 200. */
export function html(): Fault {
  return {
    name: 'html',
    answer: () => ({ status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, text: PAGE }),
  }
}

/** The same page under the name of JSON. */
export function htmlAsJson(): Fault {
  return { name: 'html as json', answer: () => ({ status: 200, text: PAGE }) }
}

/** Status 200 and nothing else. */
export function empty(): Fault {
  return { name: 'empty', answer: () => ({ status: 200, text: '' }) }
}

/** Status 200 with this value instead of the real one. */
export function json(value: unknown): Fault {
  return { name: 'other json', answer: () => ({ status: 200, text: toJson(value) }) }
}

/** Takes the request and never answers. */
export function hang(): Fault {
  return { name: 'hang', send: () => undefined }
}

/** Lets the body drip, by the machine's time. */
export function slowBody(msPerByte: number): Fault {
  return {
    name: 'slow body',
    send(response, answer, now) {
      const bytes = bytesOf(answer)
      writeHead(response, answer, bytes.length, now)
      response.flushHeaders()
      const begun = performance.now()
      let sent = 0
      const timer = setInterval(
        () => {
          const due = Math.min(bytes.length, Math.floor((performance.now() - begun) / msPerByte))
          if (due > sent) response.write(bytes.subarray(sent, due))
          sent = Math.max(sent, due)
          if (sent === bytes.length) response.end()
        },
        Math.max(1, msPerByte),
      )
      response.on('close', () => clearInterval(timer))
    },
  }
}

const BLOCK = 1 << 20

/**
 * A gzip body of so many spaces, a thousand times smaller on the wire. A flushed block of a deflate stream refers to
 * nothing outside itself, so one block can be sent over and over.
 */
export function gzipBomb(bytes = 2 ** 31): Fault {
  return {
    name: 'gzip bomb',
    send(response, answer, now) {
      const spaces = Buffer.alloc(BLOCK, ' ')
      const block = deflateRawSync(spaces, { finishFlush: constants.Z_FULL_FLUSH })
      response.writeHead(answer.status, {
        'Content-Type': 'application/json;charset=utf-8',
        'Content-Encoding': 'gzip',
        Date: httpDate(now),
      })
      response.write(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]))
      let left = bytes
      let checksum = 0
      const pour = () => {
        while (left >= BLOCK && !response.destroyed) {
          checksum = crc32(spaces, checksum)
          left -= BLOCK
          if (!response.write(block)) {
            response.once('drain', pour)
            return
          }
        }
        const rest = spaces.subarray(0, left)
        const trailer = Buffer.alloc(8)
        trailer.writeUInt32LE(crc32(rest, checksum), 0)
        trailer.writeUInt32LE(bytes % 2 ** 32, 4)
        response.end(Buffer.concat([deflateRawSync(rest), trailer]))
      }
      pour()
    },
  }
}

/** Sends the caller elsewhere. */
export function redirect(url: string, code = 302): Fault {
  return { name: 'redirect', answer: () => ({ status: code, headers: { Location: url }, text: '' }) }
}

/** The last page of the same path once more, cursor included. The first page has none before it and comes as usual. */
export function repeatPage(): Fault {
  return { name: 'repeated page', answer: (request, context) => context.last(request) }
}

/** The page without its next cursor, as if the list ended there. */
export function endEarly(): Fault {
  return {
    name: 'early end',
    change: (answer, _request, context) => ({
      ...plain(answer),
      body: context.withoutCursor(JSON.parse(textOf(answer))),
    }),
  }
}

/** Lets the caller wait for the answer, by the machine's time. */
export function delay(milliseconds: number): Fault {
  return {
    name: 'delay',
    accompanies: true,
    before: () => new Promise((resolve) => setTimeout(resolve, milliseconds).unref()),
  }
}

/** Changes the parsed answer; returning nothing keeps what was changed in place. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it spoils
export function rewrite(change: (body: any, request: FakeRequest) => unknown): Fault {
  return {
    name: 'rewrite',
    change(answer, request) {
      const body: unknown = JSON.parse(textOf(answer))
      return { ...plain(answer), body: change(body, request) ?? body }
    },
  }
}

/** Changes the answer's text: duplicate keys, NaN, any depth. */
export function rewriteText(change: (text: string, request: FakeRequest) => string): Fault {
  return {
    name: 'rewrite text',
    change: (answer, request) => ({ ...plain(answer), text: change(textOf(answer), request) }),
  }
}

/** Runs this before the request is answered. */
export function before(act: (request: FakeRequest) => void | Promise<void>): Fault {
  return { name: 'before', accompanies: true, before: act }
}

/** Runs this when the answer is settled: the state changes between this page and the next. */
export function after(act: (request: FakeRequest) => void | Promise<void>): Fault {
  return { name: 'after', accompanies: true, after: act }
}

function plain({ status: code, headers }: FakeAnswer): FakeAnswer {
  return { status: code, ...(headers ? { headers } : {}) }
}
