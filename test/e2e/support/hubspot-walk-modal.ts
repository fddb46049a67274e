import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { Frame, Page } from 'playwright-core'
import { signV3 } from '../../fakes/hubspot/webhooks.ts'

/** Who looks at the card. The service knows him by the same address. */
export interface CardUser {
  readonly portalId: number
  readonly userId: number
  readonly email: string
}

/** Where HubSpot sends what a card asks. */
export interface Backend {
  /** Public address, which is signed. */
  readonly url: string
  readonly secret: string
  readonly port: number
}

/** What the card, the page or the settings of the app ask: who asks is appended by HubSpot, which signs the whole. */
export async function askAsCard(backend: Backend, user: CardUser, path: string, body: object): Promise<unknown> {
  const { portalId, userId, email } = user
  const who = new URLSearchParams({ userId: `${userId}`, portalId: `${portalId}`, userEmail: email, appId: '54321' })
  const target = `/api/v1/hubspot/${path}?${who}`
  const text = JSON.stringify(body)
  const now = Date.now()
  const signed = `${backend.url}${target}`.replaceAll('%40', '@')
  const answer = await fetch(`http://127.0.0.1:${backend.port}${target}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signV3(backend.secret, 'POST', signed, text, now),
      'x-hubspot-request-timestamp': String(now),
    },
    body: text,
  })
  const told: unknown = await answer.json()
  if (answer.status !== 200) throw new Error(`the card was answered ${answer.status}: ${JSON.stringify(told)}`)
  return told
}

/** A one-time address of the panel: of a deal, or of the workspace. */
export async function embedAddress(backend: Backend, user: CardUser, locale: string, deal?: string): Promise<string> {
  const record = deal === undefined ? {} : { object_type: 'deals', object_id: deal }
  const wish = { ...record, locale, request_id: randomUUID() }
  return ((await askAsCard(backend, user, 'embed-session', wish)) as { uri: string }).uri
}

const HOST_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>CRM</title><link rel="icon" href="data:,">
<style>body { margin: 0; font: 14px sans-serif } h1 { margin: 0; padding: 8px 12px; font-size: 14px }
iframe { display: block; width: 100%; height: calc(100vh - 34px); border: 0 }</style></head>
<body><h1>CRM</h1><script>window.told = []; addEventListener('message', ({ data, origin }) => told.push([origin, data]))</script></body></html>`

/** A page of another origin, in which HubSpot would open its modal. */
export interface HostPage {
  readonly origin: string
  close(): Promise<void>
}

export async function openHostPage(): Promise<HostPage> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(HOST_PAGE)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}

/** Opens an address in a frame of the host's page, in place of the one before. @returns the frame, once its panel speaks */
export async function openModal(page: Page, host: HostPage, uri: string): Promise<Frame> {
  await page.bringToFront()
  await page.goto(host.origin)
  await page.evaluate((address) => {
    const frame = document.createElement('iframe')
    frame.title = 'ROI panel'
    frame.src = address
    document.body.append(frame)
  }, uri)
  const element = await page.waitForSelector('iframe')
  const frame = await element.contentFrame()
  if (!frame) throw new Error('the frame has no document')
  await frame.locator('roi-panel .trust b').first().waitFor()
  return frame
}

/** What the framed page told the page around, with the origin it came from. */
export function toldHost(page: Page): Promise<[origin: string, data: unknown][]> {
  return page.evaluate(() => (globalThis as unknown as { told: [string, unknown][] }).told)
}
