import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../../cli-process.ts'
import type { HubSpot } from '../../fakes/hubspot.ts'
import type { Gateway } from './hubspot-walk-gateway.ts'

/** `serve` as a process of its own, over a fresh data directory. */
export interface Service {
  /** Where the first user is made, as it was printed. */
  readonly setupLink: string
  /** What lets other commands of this machine in. */
  readonly ownerToken: string
  /** All that the process has written so far: its log, and what it said to the person at the terminal. */
  written(): string
  close(): Promise<void>
}

const LINK = /http:\/\/\S+#setup=[\w-]{43}/
/** A stop must not take longer, milliseconds. */
const STOP_MS = 15_000
/** Between asking for a free port and listening on it another program may have taken it. */
const ATTEMPTS = 3

/**
 * Starts the service as an operator does: its app at HubSpot, its public address and who may frame it in the environment,
 * and the most talkative log. Everybody reaches it through the gateway.
 */
export async function startService(fake: HubSpot, gateway: Gateway, frameHost: string): Promise<Service> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    gateway.passTo(port)
    try {
      return await serve(port, {
        ROI_PANEL_PUBLIC_URL: gateway.origin,
        ROI_PANEL_ORIGIN_HUBSPOT: fake.origin,
        ROI_PANEL_HUBSPOT_CLIENT_ID: fake.oauth.clientId,
        ROI_PANEL_HUBSPOT_CLIENT_SECRET: fake.oauth.clientSecret,
        ROI_PANEL_FRAME_HOSTS: frameHost,
        ROI_PANEL_LOG_LEVEL: 'trace',
      })
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes(String(port))) throw error
    }
  }
}

async function serve(port: number, environment: Record<string, string>): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-walk-'))
  const started = start(['serve', '--data', folder], { ...environment, PORT: String(port) })
  let text = ''
  const link = new Promise<string>((resolve) => {
    for (const stream of [started.process.stdout, started.process.stderr]) {
      stream?.on('data', (more: string) => {
        text += more
        const [found] = LINK.exec(text) ?? []
        if (found) resolve(found)
      })
    }
  })
  const close = async () => {
    const late = setTimeout(() => started.process.kill('SIGKILL'), STOP_MS)
    started.process.kill('SIGTERM')
    await started.ended
    clearTimeout(late)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await started.url
    const owner = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8')) as { token: string }
    return { setupLink: await link, ownerToken: owner.token, written: () => text, close }
  } catch (error) {
    await close()
    throw error
  }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
