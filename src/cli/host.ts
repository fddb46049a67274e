import { join } from 'node:path'
import type { App } from '../app.ts'
import { RoiError, type Text } from '../errors.ts'
import type { Log } from '../log.ts'
import { Auth } from '../server/auth.ts'
import { ensureBuilt } from '../server/build.ts'
import { eventStreams } from '../server/events.ts'
import { createHttp } from '../server/http.ts'
import { createInternalServer } from '../server/internal.ts'
import { createNodeServer, listen, stop } from '../server/listen.ts'
import { findOwner, newToken, removeOwner, writeOwner } from '../server/owner.ts'
import { setupLink } from '../server/sign-in.ts'
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
  const events = eventStreams(app.events)
  let origin = config.publicUrl ?? `http://localhost:${config.port}`
  const http = createHttp(app, {
    log,
    host: config.host,
    publicUrl: config.publicUrl,
    uploads,
    hosts: app.hosts,
    webhooks: app.webhooks,
    events,
    signIn: { ...app.signIn, origin: () => origin },
    ready,
  })
  const server = createNodeServer(http)
  try {
    const port = await listen(internal, 0, '127.0.0.1')
    const owner = { port, token, pid: process.pid }
    await writeOwner(config.dataDir, { ...owner, url: null })
    await options.prepare?.(app)
    const olderPage = await built
    if (olderPage) output.warn(olderPage)
    const listening = await listen(server, config.port, config.host)
    const local = urlOf(config.host, listening)
    origin = config.publicUrl ?? `http://localhost:${listening}`
    const url = config.publicUrl ?? local
    await writeOwner(config.dataDir, { ...owner, url })
    const auth = new Auth({ state: app.signIn.state, host: config.host, publicUrl: config.publicUrl })
    const link = await setupLink(app.signIn.state, auth, config.publicUrl ?? local.replace(/\/$/, ''))
    if (link) output.warn(setUp(link))
    app.startSchedule()
    await options.ready(url)
    await aborted(signal)
  } finally {
    closing = true
    await removeOwner(config.dataDir, token)
    events.close()
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

/** Whoever opens it first is the first admin: it goes to the terminal of the server and nowhere else. */
function setUp(link: string): Text {
  return {
    en: `Nobody can sign in yet. Open this link within 30 minutes to make the first user: ${link}`,
    'zh-CN': `目前还没有可登录的用户。请在 30 分钟内打开此链接创建第一个用户：${link}`,
  }
}

function alreadyRunning(url: string | null): RoiError {
  const at = url ? ` ${url}` : ''
  return new RoiError(
    'unavailable',
    'already_running',
    { en: `This data directory is served already:${at}`, 'zh-CN': `该数据目录已在提供服务：${at}` },
    { en: 'Open that address, or stop it first.', 'zh-CN': '请打开该地址，或先停止它。' },
  )
}
