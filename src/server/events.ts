import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { RoiError } from '../errors.ts'
import type { State } from '../state/state.ts'
import type { ChangesFeed } from '../sync/changes-feed.ts'
import { parse } from './parse.ts'
import { query } from './routes.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

/** Open panels at a time: in all, and of one address. */
const MAX_CLIENTS = 500
const MAX_OF_ADDRESS = 50
/** Proxies end what is silent for longer, milliseconds. */
const HEARTBEAT_MS = 15_000
/** How long a browser waits before it connects again, milliseconds. */
const RETRY_MS = 3000
/** Who leaves so much unread is gone, bytes. */
const MAX_UNREAD = 64 * 1024

const Ask = z.object({ workspace: z.string().max(100).optional() }).loose()

/** What the streams work with. */
export interface EventsEnv {
  readonly state: State
  readonly feed: ChangesFeed
}

export interface EventsOptions {
  /** Instead of {@link HEARTBEAT_MS}; for tests. */
  readonly heartbeat?: number
}

/** Set by whoever let a request in: whether he still would. */
type Stays = (() => Promise<boolean>) | undefined

/** The streams of open panels. */
export interface EventStreams {
  readonly handle: RequestHandler
  /** Ends all of them; the server would wait for them. */
  close(): void
}

/**
 * `GET /api/v1/events?workspace=`: tells open panels that figures changed, as server-sent events.
 *
 * - `event: changed`, `data: {"workspace":"main","at":"…Z"}` each time the records of the workspace changed and the credit
 *   is up to date with them; changes within a quarter of a second are one.
 * - `event: latest`, once at the beginning and with the same data, when it changed since the start of the service: who
 *   shows older figures asks again.
 * - a comment each 15 seconds; `retry:` 3 seconds.
 *
 * A stream ends with what let it in: at once when the person signs out, or is changed or removed, or the connection of an
 * embedded panel is, in this process; within 15 seconds when it happened in another one or the session ran out.
 *
 * Errors: Problem; 404 `unknown_workspace`; 503 `too_many_streams` with 500 open, or 50 of one address.
 */
export function eventStreams(
  { state, feed }: EventsEnv,
  { heartbeat = HEARTBEAT_MS }: EventsOptions = {},
): EventStreams {
  const clients = new Map<Response, string>()
  let closed = false
  const forget = state.onAccessChange(() => {
    for (const response of clients.keys()) void endUnlessAllowed(response)
  })
  return {
    async handle(request, response) {
      const ask = parse(Ask, query(request))
      const { tenant, key } = await findWorkspace(state, ask.workspace)
      const address = request.socket.remoteAddress ?? ''
      const ofAddress = [...clients.values()].filter((one) => one === address).length
      if (closed || clients.size >= MAX_CLIENTS || ofAddress >= MAX_OF_ADDRESS) {
        response.set('retry-after', '30')
        throw tooMany()
      }
      clients.set(response, address)
      begin(request, response)
      const tell = (event: 'changed' | 'latest', at: Date) => {
        const data = JSON.stringify({ workspace: key, at: at.toISOString() })
        send(response, `event: ${event}\ndata: ${data}\n\n`)
      }
      const stop = feed.subscribe(tenant, (at) => tell('changed', at))
      const beat = setInterval(async () => {
        if (await endUnlessAllowed(response)) send(response, ': \n\n')
      }, heartbeat)
      response.once('close', () => {
        clearInterval(beat)
        stop()
        clients.delete(response)
      })
      // It may have ended while the stream began.
      await endUnlessAllowed(response)
      // Subscribed before: what changes in between is told twice rather than never.
      const latest = await feed.changedAt(tenant).catch(() => null)
      if (latest) tell('latest', latest)
    },
    close() {
      closed = true
      forget()
      for (const response of clients.keys()) response.end()
    },
  }
}

/**
 * Ends a stream whose reader may not have it any more. While the store cannot be asked it goes on: there is nothing to tell
 * then either.
 * @returns whether it goes on
 */
async function endUnlessAllowed(response: Response): Promise<boolean> {
  const { stays } = response.locals as { stays?: Stays }
  const allowed = await (stays?.() ?? Promise.resolve(true)).catch(() => true)
  if (!allowed) response.end()
  return allowed
}

function begin(request: Request, response: Response): void {
  request.socket.setNoDelay(true)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies would collect it.
    'x-accel-buffering': 'no',
  })
  send(response, `retry: ${RETRY_MS}\n\n`)
}

function send(response: Response, text: string): void {
  if (response.writableEnded || response.destroyed) return
  if (response.writableLength > MAX_UNREAD) response.destroy()
  else response.write(text)
}

function tooMany(): RoiError {
  return new RoiError(
    'unavailable',
    'too_many_streams',
    { en: 'Too many panels are open at this server.', 'zh-CN': '本服务上打开的面板过多。' },
    { en: 'The figures are right; reload to see newer ones.', 'zh-CN': '数据无误；如需更新请刷新页面。' },
  )
}

/** Commands after which figures may be others. Runs of connections tell by themselves. */
const CHANGING = [
  'import',
  'undo',
  'recompute',
  'set',
  'disconnect',
  'add_cost',
  'edit_cost',
  'remove_cost',
  'set_rate',
  'remove_rate',
  'add_campaign',
  'set_campaign',
  'remove_campaign',
  'add_budget',
  'edit_budget',
  'remove_budget',
  'restore_config',
  'set_metric',
  'remove_metric',
  'close_period',
  'reopen_period',
] as const

/** The services, where those that change figures tell open panels. */
export function announcing(
  services: Services,
  { state, feed }: { readonly state: State; readonly feed: Pick<ChangesFeed, 'announce'> },
): Services {
  const wrap = (name: (typeof CHANGING)[number]) => {
    const method = services[name] as (request: { workspace?: string }, ...more: unknown[]) => Promise<unknown>
    return async (request: { workspace?: string }, ...more: unknown[]) => {
      const answer = await method(request, ...more)
      const workspace = await findWorkspace(state, request.workspace).catch(() => undefined)
      if (workspace) feed.announce(workspace.tenant)
      return answer
    }
  }
  return { ...services, ...Object.fromEntries(CHANGING.map((name) => [name, wrap(name)])) } as Services
}
