import { join } from 'node:path'
import type { App } from '../app.ts'
import { RoiError } from '../errors.ts'
import type { Log } from '../log.ts'
import { ensureBuilt } from '../server/build.ts'
import { createHttp } from '../server/http.ts'
import { createInternalServer } from '../server/internal.ts'
import { createNodeServer, listen, stop } from '../server/listen.ts'
import { findOwner, newToken, removeOwner, writeOwner } from '../server/owner.ts'
import { isLoopback } from '../server/security.ts'
import type { Output } from './output.ts'
import type { Place } from './place.ts'

export interface HostOptions {
  readonly place: Place
  readonly log: Log
  readonly output: Output
  /** Ends the server. */
  readonly signal: AbortSignal
  /** Before the stores are opened, once it is sure that nobody else serves them. */
  readonly before?: () => Promise<void>
  /** Before the server says where it is: what the data directory must hold. */
  readonly prepare?: (app: App) => Promise<void>
  /** Told the address once everything answers. */
  readonly ready: (url: string) => Promise<void>
}

/**
 * Owns a data directory and serves it until the signal. Commands started meanwhile are answered from the moment the
 * stores are open; when it ends, nothing is left running and `owner.json` is gone.
 * @throws RoiError `already_running`, `store_locked`, `port_in_use`
 */
export async function host(options: HostOptions): Promise<void> {
  const { place, log, output, signal } = options
  const { config } = place
  const running = await findOwner(config.dataDir)
  if (running) throw alreadyRunning(running.url)
  await options.before?.()
  const built = ensureBuilt(signal)
  built.catch(() => undefined)
  const { openApp } = await import('../app.ts')
  const app = await openApp(config, { log, demo: place.demo, signal })
  for (const notice of app.notices) output.warn(notice)
  const token = newToken()
  const internal = createInternalServer(app, token, log)
  let closing = false
  const uploads = join(config.dataDir, 'incoming')
  const ready = () => !closing
  const http = createHttp(app, { log, host: config.host, publicUrl: config.publicUrl, uploads, ready })
  const server = createNodeServer(http)
  try {
    const port = await listen(internal, 0, '127.0.0.1')
    const owner = { port, token, pid: process.pid }
    await writeOwner(config.dataDir, { ...owner, url: null })
    await options.prepare?.(app)
    const olderPage = await built
    if (olderPage) output.warn(olderPage)
    const url = config.publicUrl ?? urlOf(config.host, await listen(server, config.port, config.host))
    await writeOwner(config.dataDir, { ...owner, url })
    if (!isLoopback(config.host)) output.warn(OPEN_TO_ALL)
    app.startSchedule()
    await options.ready(url)
    await aborted(signal)
  } finally {
    closing = true
    await removeOwner(config.dataDir, token)
    await Promise.all([stop(server), stop(internal)])
    await app.close()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Address to open in a browser: `0.0.0.0` listens everywhere, but is no place to go to. */
function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}/`
}

const OPEN_TO_ALL = {
  en: 'Anyone who reaches this address can see and change the data: put a proxy with a login in front of it.',
  'zh-CN': '任何能访问该地址的人都能查看和修改数据：请在前面放置带登录的代理。',
} as const

function alreadyRunning(url: string | null): RoiError {
  const at = url ? ` ${url}` : ''
  return new RoiError(
    'unavailable',
    'already_running',
    { en: `This data directory is served already:${at}`, 'zh-CN': `该数据目录已在提供服务：${at}` },
    { en: 'Open that address, or stop it first.', 'zh-CN': '请打开该地址，或先停止它。' },
  )
}
