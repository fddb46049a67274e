import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { isRoiError, type LOCALES, RoiError, type Text } from '../errors.ts'
import type { Log } from '../log.ts'
import { actingAs } from '../state/actor.ts'
import { isAuthorized } from './owner.ts'
import { type CommandName, REQUESTS, type RequestOf } from './requests.ts'
import { isLoopback } from './security.ts'
import type { Feedback, Services } from './services.ts'

const text = z.object({ en: z.string(), 'zh-CN': z.string() } satisfies Record<(typeof LOCALES)[number], z.ZodString>)

/** A failure on its way from the owner to the command that asked. */
const Failure = z.object({
  kind: z.enum(['failure', 'unavailable', 'usage', 'not_found', 'too_large', 'conflict', 'auth', 'partial', 'quality']),
  code: z.string(),
  text,
  remedy: text.optional(),
})

/** One line of the answer to a forwarded command. `result` or `error` is the last. */
export const Line = z.union([
  z.object({
    progress: z.object({
      task: z.string(),
      rows: z.number(),
      part: z.number().nullable(),
      rate: z.number().exactOptional(),
      eta: z.tuple([z.number(), z.number()]).readonly().nullable().exactOptional(),
      quota: z.object({ left: z.number(), of: z.number() }).nullable().exactOptional(),
    }),
  }),
  z.object({ chunk: z.string() }),
  z.object({ result: z.unknown() }),
  z.object({ error: Failure }),
])
export type Line = z.infer<typeof Line>

const Command = z.object({ name: z.string(), args: z.unknown() })
/** A forwarded command names files; it never carries them. */
const MAX_BODY = 4 * 1024 * 1024

/**
 * The listener for commands of this machine, apart from the one people see: its own port on 127.0.0.1, a token, no
 * limits on time.
 *
 * - `GET /internal/v1/ping` → `{pid}`
 * - `POST /internal/v1/command` `{name, args}` → lines of JSON: any number of `{progress}` and `{chunk}`, then `{result}`
 *   or `{error}`. Closing the connection stops the command.
 */
export function createInternalServer(services: Services, token: string, log: Log): Server {
  return createServer((request, response) => {
    if (!isLoopback(request.socket.remoteAddress ?? '') || !isAuthorized(request.headers.authorization, token)) {
      response.writeHead(401, { connection: 'close' }).end()
    } else if (request.method === 'GET' && request.url === '/internal/v1/ping') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ pid: process.pid }))
    } else if (request.method === 'POST' && request.url === '/internal/v1/command') {
      void answer(request, response, services, log)
    } else {
      response.writeHead(404).end()
    }
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, services: Services, log: Log): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.setHeader('content-type', 'application/x-ndjson')
  const write = (line: Line) => response.write(`${JSON.stringify(line)}\n`)
  const feedback: Feedback = {
    progress: (progress) => void write({ progress }),
    async chunk(chunk) {
      gone.signal.throwIfAborted()
      if (write({ chunk })) return
      await new Promise<void>((resolve) => {
        response.once('drain', resolve)
        response.once('close', resolve)
      })
    },
    signal: gone.signal,
  }
  try {
    const { name, args } = Command.parse(JSON.parse(await body(request)))
    write({ result: (await run(services, name, args, feedback)) ?? null })
  } catch (error) {
    if (!gone.signal.aborted) write({ error: failureOf(error, log) })
  }
  response.end()
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new RoiError('too_large', 'command_too_large', TOO_LARGE)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const TOO_LARGE: Text = { en: 'The command is too long.', 'zh-CN': '命令过长。' }

async function run(services: Services, name: string, args: unknown, feedback: Feedback): Promise<unknown> {
  if (!Object.hasOwn(REQUESTS, name)) throw unknownCommand(name)
  const command = name as CommandName
  const method = services[command] as (request: RequestOf<CommandName>, feedback: Feedback) => Promise<unknown>
  const request = REQUESTS[command].parse(args)
  return actingAs('command_line', () => method(request, feedback))
}

function unknownCommand(name: string): RoiError {
  return new RoiError(
    'usage',
    'unknown_command',
    { en: `The running server does not know "${name}".`, 'zh-CN': `正在运行的服务不支持“${name}”。` },
    { en: 'Restart it, it may be an older version.', 'zh-CN': '它可能是旧版本，请重启。' },
  )
}

function failureOf(error: unknown, log: Log): z.infer<typeof Failure> {
  if (isRoiError(error)) {
    const { kind, code, remedy } = error
    return { kind, code, text: error.text, ...(remedy && { remedy }) }
  }
  log.error({ err: error }, 'forwarded command failed')
  return {
    kind: 'failure',
    code: 'internal',
    text: { en: 'The command failed in the running server.', 'zh-CN': '命令在正在运行的服务中失败。' },
    remedy: { en: 'Its log says why.', 'zh-CN': '原因见该服务的日志。' },
  }
}
