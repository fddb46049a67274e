import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { RoiError } from '../errors.ts'
import { Line } from '../server/internal.ts'
import type { Owner } from '../server/owner.ts'
import type { CommandName } from '../server/requests.ts'
import { type Answers, type Feedback, QUIET } from '../server/services.ts'
import { parseRequest } from './request.ts'
import type { Session } from './session.ts'

/** A session that forwards each command to the `serve` that has the data directory open. */
export function remoteSession(owner: Owner): Session {
  return {
    call: (name, ask, feedback) => forward(owner, name, parseRequest(name, ask), { ...QUIET, ...feedback }),
    async close() {},
  }
}

async function forward<Name extends CommandName>(
  owner: Owner,
  name: Name,
  args: unknown,
  feedback: Feedback,
): Promise<Answers[Name]> {
  const response = await post(owner, JSON.stringify({ name, args }), feedback.signal)
  try {
    for await (const text of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = Line.parse(JSON.parse(text))
      if ('progress' in line) feedback.progress(line.progress)
      else if ('chunk' in line) await feedback.chunk(line.chunk)
      else if ('error' in line) throw revive(line.error)
      else return line.result as Answers[Name]
    }
  } catch (error) {
    feedback.signal.throwIfAborted()
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') throw stopped()
    throw error
  }
  feedback.signal.throwIfAborted()
  throw stopped()
}

function post(owner: Owner, body: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port: owner.port,
      path: '/internal/v1/command',
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
      agent: false,
      signal,
    })
    call.once('error', (error) => reject(signal.aborted ? signal.reason : stopped(error)))
    call.once('response', resolve)
    call.end(body)
  })
}

function revive({ kind, code, text, remedy }: Extract<Line, { error: unknown }>['error']): RoiError {
  return new RoiError(kind, code, text, remedy)
}

function stopped(cause?: Error): RoiError {
  return new RoiError(
    'unavailable',
    'owner_stopped',
    {
      en: 'The running server stopped before the command ended.',
      'zh-CN': '正在运行的服务在命令完成前停止了。',
    },
    { en: 'Run the command again.', 'zh-CN': '请重新运行该命令。' },
    { cause },
  )
}
