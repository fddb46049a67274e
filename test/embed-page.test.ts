import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, Frame, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFromHost, wishOf } from '../widget/embed-messages.ts'
import { launchBrowser } from './e2e/support/browser.ts'
import { buildWidget } from './e2e/support/build.ts'
import { fetchSigned, openWorld, PUBLIC, type World, wish } from './embed-kit.ts'

const HUBSPOT = 'https://app-eu1.hubspot.com'
const EVIL = 'https://evil.example.com'
const ARTEFACTS = join(import.meta.dirname, 'e2e', 'artefacts')
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let world: World
let browser: Browser
let axe: string

beforeAll(async () => {
  const built = await buildWidget('test')
  world = await openWorld({ dist: join(built.page, '..') })
  browser = await launchBrowser()
  axe = await readFile(AXE, 'utf8')
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

interface Shown {
  readonly context: BrowserContext
  readonly page: Page
  readonly faults: string[]
  /** Requests to the service: method, address. */
  readonly asked: string[]
  frame(): Frame | undefined
}

/** The public address answered by the server of the test, so that origins are the ones of production. */
async function proxy(route: Route, asked: string[]): Promise<void> {
  const sent = route.request()
  const url = new URL(sent.url())
  asked.push(`${sent.method()} ${url.pathname}${url.search}${url.hash}`)
  // A stream has no end that could be passed on.
  if (url.pathname === '/api/v1/events') {
    return route.fulfill({ contentType: 'text/event-stream', body: 'retry: 600000\n\n' })
  }
  const target = new URL(world.origin)
  const headers = { ...(await sent.allHeaders()), host: new URL(PUBLIC).host }
  for (const name of Object.keys(headers)) if (name.startsWith(':')) delete headers[name as never]
  await new Promise<void>((resolve, reject) => {
    const options = { host: target.hostname, port: target.port, path: url.pathname + url.search, method: sent.method() }
    const call = request({ ...options, headers, agent: false }, async (response) => {
      const body = Buffer.concat(await response.toArray())
      const { connection: _, ...kept } = response.headers as Record<string, string>
      await route.fulfill({ status: response.statusCode ?? 500, headers: kept, body }).catch(() => undefined)
      resolve()
    })
    call.on('error', reject)
    call.end(sent.postDataBuffer() ?? undefined)
  })
}

/** A page of a host with the panel in a frame, as its modal has it. */
async function frameIn(origin: string, uri: string, { width = 1200, dark = false, inside = '' } = {}): Promise<Shown> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const faults: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  await context.route(`${PUBLIC}/**`, (route) => proxy(route, asked))
  await context.route(`${origin}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><title>host</title><link rel="icon" href="data:,">
        <body style="margin:0"><script>window.heard = []; addEventListener('message', (e) => heard.push([e.origin, e.data]))</script>
        <iframe title="panel" src="${uri}" style="border:0;width:100%;height:900px;display:block"></iframe>${inside}</body>`,
    }),
  )
  await page.goto(`${origin}/contacts`)
  return { context, page, faults, asked, frame: () => page.frames().find((frame) => frame.url().startsWith(PUBLIC)) }
}

async function addressOf(record: object = {}, locale = 'en'): Promise<string> {
  const answer = await fetchSigned(world, 'embed-session', { ...record, locale, request_id: wish() })
  return String(answer.body.uri)
}

async function shownFrame(shown: Shown, selector: string): Promise<Frame> {
  await expect.poll(() => shown.frame()?.url() ?? '').toContain('/embed')
  const frame = shown.frame()!
  await frame.locator(selector).first().waitFor()
  return frame
}

async function violations(frame: Frame): Promise<string[]> {
  await frame.evaluate(axe)
  const found = await frame.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: never[] }> } }
    const { violations } = await axe.run({ resultTypes: ['violations'] })
    return violations as unknown as { id: string; nodes: { target: unknown; failureSummary: string }[] }[]
  })
  return found.map(
    ({ id, nodes }) => `${id} ×${nodes.length} ${JSON.stringify(nodes[0]?.target)} ${nodes[0]?.failureSummary}`,
  )
}

const sideways = (frame: Frame) =>
  frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

const COMPANY = { object_type: 'companies', object_id: '9' }
const DEAL = { object_type: 'deals', object_id: '42' }

describe('framed by HubSpot', () => {
  test.each([
    ['en', false, 1200],
    ['zh-CN', true, 1200],
    ['zh-CN', false, 320],
    ['en', true, 320],
  ] as const)('a record, %s, dark %s, %i px', async (locale, dark, width) => {
    const shown = await frameIn(HUBSPOT, await addressOf(COMPANY, locale), { width, dark })
    const frame = await shownFrame(shown, '.say')
    expect(await frame.locator('h2 bdi').first().innerText()).toBe('Northwind 北风')
    expect(await frame.locator('.say').innerText()).toMatch(locale === 'en' ? /Northwind/ : /\p{Script=Han}/u)
    expect(await frame.locator('.cl li').count()).toBe(2)
    expect(await frame.locator('.tl li').count()).toBeGreaterThan(3)
    expect(await frame.locator('.rt tbody tr').count()).toBe(2)
    expect(await sideways(frame)).toBe(0)
    await shown.page.screenshot({
      path: join(ARTEFACTS, `embed-record-${locale}-${dark ? 'dark' : 'light'}-${width}.png`),
    })
    expect(await violations(frame)).toEqual([])
    expect(shown.faults).toEqual([])
    await shown.context.close()
  })

  test.each([
    ['en', false, 1200],
    ['zh-CN', true, 320],
  ] as const)('the workspace, %s, dark %s, %i px', async (locale, dark, width) => {
    const shown = await frameIn(HUBSPOT, await addressOf({}, locale), { width, dark })
    const frame = await shownFrame(shown, '.tiles .tile .val')
    await frame.locator('.bar select').selectOption('last-year')
    await expect.poll(() => shown.asked.some((line) => /panel\?.*from=/.test(line))).toBe(true)
    await frame.locator('.bar select').selectOption('all')
    await frame.locator('[part=models]').first().waitFor()
    expect(await sideways(frame)).toBe(0)
    await shown.page.screenshot({
      path: join(ARTEFACTS, `embed-panel-${locale}-${dark ? 'dark' : 'light'}-${width}.png`),
    })
    expect(await violations(frame)).toEqual([])
    expect(shown.faults).toEqual([])
    await shown.context.close()
  })

  test('a record changes its model, shows its credit as a table, and tells the host how high it is', async () => {
    const shown = await frameIn(HUBSPOT, await addressOf(DEAL))
    const frame = await shownFrame(shown, '.say')
    const before = await frame.locator('#credit-f').innerText()
    await frame.locator('.rh select').selectOption('last')
    await expect.poll(() => frame.locator('#credit-f').innerText()).not.toBe(before)
    await frame.locator('.act button').click()
    expect(await frame.locator('.rt thead th').first().innerText()).toBe('Channel')
    const heard = () => shown.page.evaluate(() => (globalThis as unknown as { heard: [string, unknown][] }).heard)
    await expect.poll(heard).toContainEqual([PUBLIC, { type: 'roi-panel/height', height: expect.any(Number) }])
    await shown.context.close()
  })

  test('a record stays on the page, marked, while the service is down, and says so when it is not synchronized', async () => {
    const shown = await frameIn(HUBSPOT, await addressOf(DEAL))
    const frame = await shownFrame(shown, '.say')
    const sentence = await frame.locator('.say').innerText()
    const records = `${PUBLIC}/api/v1/record**`
    await shown.context.route(records, (route) => route.abort())
    await frame.locator('.rh select').selectOption('first')
    await frame.locator('.band.warn').waitFor()
    expect(await frame.locator('.say').innerText()).toBe(sentence)
    await shown.context.unroute(records)
    const error = { code: 'unknown_record', message: 'There is no deal.', remedy: 'Wait.', request_id: 'r' }
    await shown.context.route(records, (route) => route.fulfill({ status: 404, json: { error } }))
    await frame.locator('.band .btn').click()
    await expect
      .poll(() => frame.locator('.state').innerText())
      .toMatch(/Not synchronized yet\s+There is no deal\.\s+Wait\./)
    await shown.context.unroute(records)
    await frame.locator('.state .btn').click()
    await frame.locator('.say').waitFor()
    await shown.context.close()
  })

  test('S9: neither address nor storage holds a token; the address works once', async () => {
    const uri = await addressOf(DEAL)
    const shown = await frameIn(HUBSPOT, uri)
    const frame = await shownFrame(shown, '.say')
    expect(frame.url()).toBe(`${PUBLIC}/embed`)
    const kept = await frame.evaluate(() => {
      try {
        return JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])
      } catch {
        // Frames of other sites may have no storage at all.
        return 'none'
      }
    })
    expect(kept).not.toMatch(/eyJ|#t=/)
    expect(shown.asked.join('\n')).not.toMatch(/eyJ|token=|[?&#]t=/)
    expect(await frame.locator('roi-panel').evaluate((element) => element.outerHTML)).not.toContain('eyJ')
    const again = await frameIn(HUBSPOT, uri)
    const refused = await shownFrame(again, '.said')
    await expect.poll(() => refused.locator('h1').innerText()).toMatch(/ended|已结束/)
    await shown.context.close()
    await again.context.close()
  })

  test('S8: only the page around is listened to, and only to what it may say', async () => {
    const sibling = `<iframe sandbox="allow-scripts" srcdoc="<script>setInterval(() => parent.frames[0].postMessage({ type: 'roi-panel/close' }, '*'), 20)</script>"></iframe>`
    const shown = await frameIn(HUBSPOT, await addressOf(DEAL), { inside: sibling })
    const frame = await shownFrame(shown, '.say')
    const say = (data: unknown) =>
      shown.page.evaluate((message) => document.querySelector('iframe')?.contentWindow?.postMessage(message, '*'), data)
    for (const data of ['roi-panel/close', { type: 'roi-panel/close', more: 1 }, { type: 'close' }, [], null, 1])
      await say(data)
    await shown.page.waitForTimeout(300)
    expect(await frame.locator('.say').count()).toBe(1)
    await say({ type: 'roi-panel/close' })
    await frame.locator('.said').waitFor()
    expect(await frame.locator('roi-panel').count()).toBe(0)
    await shown.context.close()
  })
})

test('S7: a page of another origin cannot frame it, and nothing is exchanged', async () => {
  const shown = await frameIn(EVIL, await addressOf(DEAL))
  await expect.poll(() => shown.faults.join()).toMatch(/frame-ancestors/)
  expect(shown.asked.filter((line) => line.startsWith('POST'))).toEqual([])
  expect(shown.page.frames().some((frame) => frame.url().startsWith(PUBLIC))).toBe(false)
  await shown.context.close()
})

test('a page that looks like HubSpot by its name does not count', async () => {
  const shown = await frameIn('https://app.hubspot.com.evil.example.com', await addressOf(DEAL))
  await expect.poll(() => shown.faults.join()).toMatch(/frame-ancestors/)
  await shown.context.close()
})

describe('messages', () => {
  const parent = {} as MessageEventSource
  const origins = [HUBSPOT]
  test('by window and origin', () => {
    expect(isFromHost({ origin: HUBSPOT, source: parent }, parent, origins)).toBe(true)
    expect(isFromHost({ origin: HUBSPOT, source: {} as MessageEventSource }, parent, origins)).toBe(false)
    expect(isFromHost({ origin: HUBSPOT, source: null }, null, origins)).toBe(false)
    for (const origin of ['null', '', EVIL, `${HUBSPOT}.evil.com`, 'https://app.hubspot.com', HUBSPOT.toUpperCase()]) {
      expect(isFromHost({ origin, source: parent }, parent, origins), origin).toBe(false)
    }
    expect(isFromHost({ origin: 'null', source: parent }, parent, ['null'])).toBe(false)
  })

  test('by shape', () => {
    expect(wishOf({ type: 'roi-panel/measure' })).toBe('measure')
    const inherited = Object.create({ type: 'roi-panel/close' })
    const wrong = [
      null,
      undefined,
      'roi-panel/close',
      { type: 'x' },
      { type: 'toString' },
      { type: ['roi-panel/close'] },
    ]
    for (const data of [...wrong, inherited, { type: 'roi-panel/close', x: 1 }, []]) expect(wishOf(data)).toBeNull()
  })
})
