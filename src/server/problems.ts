import { randomUUID } from 'node:crypto'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Problem } from '../api.ts'
import { isRoiError, LOCALES, type Locale, RoiError, type Text } from '../errors.ts'
import type { Log } from '../log.ts'

/** An answer with a status that no kind of failure has: how HTTP was used, not what was asked. */
export class Refusal extends RoiError {
  readonly #status: number

  constructor(status: number, code: string, text: Text, remedy?: Text) {
    super('usage', code, text, remedy)
    this.#status = status
  }

  override get status(): number {
    return this.#status
  }
}

/** Gives every request its id, in `x-request-id` and in the body of a problem. */
export const requestId: RequestHandler = (_request, response, next) => {
  const id = randomUUID()
  response.locals.id = id
  response.setHeader('x-request-id', id)
  next()
}

/** Language a request asks for: `locale`, else Accept-Language; undefined when it names none of ours. */
export function localeOf(request: Request): Locale | undefined {
  const asked = request.query.locale
  if (LOCALES.some((locale) => locale === asked)) return asked as Locale
  if (!request.headers['accept-language']) return undefined
  const accepted = request.acceptsLanguages('en', 'zh-CN', 'zh')
  return accepted === 'zh' ? 'zh-CN' : (LOCALES.find((locale) => locale === accepted) ?? undefined)
}

/** Body of a failed request. What nobody expected says nothing about itself to the client; its id is in the log. */
export function problemOf(error: unknown, locale: Locale, id: string): { status: number; body: Problem } {
  const expected = isRoiError(error) ? error : clientError(error)
  if (!expected) return { status: 500, body: { error: { ...UNEXPECTED[locale], request_id: id } } }
  return {
    status: expected.status,
    body: {
      error: {
        code: expected.code,
        message: expected.text[locale],
        remedy: expected.remedy?.[locale] ?? null,
        request_id: id,
      },
    },
  }
}

const UNEXPECTED = {
  en: {
    code: 'internal',
    message: 'Something went wrong on our side.',
    remedy: 'Try again; if it stays, look for the request id in the log of the server.',
  },
  'zh-CN': {
    code: 'internal',
    message: '服务器内部出错。',
    remedy: '请重试；如仍出错，请用请求编号查看服务器日志。',
  },
} as const

/** Errors of express and its parts about the request itself, such as an address that cannot be decoded. */
function clientError(error: unknown): RoiError | undefined {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 0
  if (status < 400 || status > 499) return undefined
  if (status === 413) {
    return new Refusal(413, 'body_too_large', { en: 'The body is too long.', 'zh-CN': '请求内容过长。' })
  }
  return new Refusal(status, 'bad_request', { en: 'The request cannot be read.', 'zh-CN': '无法读取该请求。' })
}

/** Sends a failure as a problem and logs what a person at the server must know. */
export function sendProblem(error: unknown, request: Request, response: Response, log: Log): void {
  const { id } = response.locals
  const { status, body } = problemOf(error, localeOf(request) ?? 'en', id)
  if (status >= 500) log.error({ id, method: request.method, path: request.path, err: error }, 'request failed')
  // Not `request.destroyed`: that is true as soon as a body was read to its end.
  if (response.headersSent || response.destroyed || request.socket.destroyed) {
    response.destroy()
    return
  }
  // What is left of a refused upload would be read as the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  response.status(status).set('cache-control', 'no-store').json(body)
}

/** Last handlers of the application: nothing matched, or something threw. */
export function problemHandlers(log: Log): [RequestHandler, ErrorRequestHandler] {
  return [
    (request, response) => {
      const text = { en: 'There is nothing at this address.', 'zh-CN': '该地址不存在。' }
      sendProblem(new RoiError('not_found', 'not_found', text), request, response, log)
    },
    // Express tells error handlers by their four parameters.
    (error, request, response, _next) => sendProblem(error, request, response, log),
  ]
}
