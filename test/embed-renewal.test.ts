import { request } from 'node:http'
import { join } from 'node:path'
import type { Browser, Frame, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchBrowser } from './e2e/support/browser.ts'
import { buildWidget } from './e2e/support/build.ts'
import { fetchSigned, openWorld, PUBLIC, type World, wish } from './embed-kit.ts'

/**
 * The access of an embedded page over hours, in a real browser: tokens are renewed before they end, and when they are not,
 * the page says so. Time is moved on both sides; nobody waits for it.
 */

const HUBSPOT = 'https://app-eu1.hubspot.com'
const SECOND = 1000
/** Tokens live five minutes and are renewed a minute before. */
const DUE = 240 * SECOND

let world: World
let browser: Browser

beforeAll(async () => {
  const built = await buildWidget('test')
  world = await openWorld({ dist: join(built.page, '..') })
  browser = await launchBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

interface Asked {
  readonly path: string
  readonly bearer: string | undefined
  readonly status: number
}

interface Shown {
  readonly page: Page
  readonly frame: Frame
  readonly asked: Asked[]
  /** Moves time on both sides. */
  pass(milliseconds: number): Promise<void>
  renewals(): number
  /** Asks for figures, by choosing another model. @returns how that was asked */
  choose(model: string): Promise<Asked>
}

/** The public address, answered by the server of the test; streams have no end that could be passed on. */
async function proxy(route: Route, asked: Asked[]): Promise<void> {
  const sent = route.request()
  const { pathname, search } = new URL(sent.url())
  if (pathname === '/api/v1/events') {
    return route.fulfill({ contentType: 'text/event-stream', body: 'retry: 600000\n\n' })
  }
  const given = Object.entries(await sent.allHeaders()).filter(([name]) => !name.startsWith(':'))
  const headers: Record<string, string> = { ...Object.fromEntries(given), host: new URL(PUBLIC).host }
  const { hostname: host, port } = new URL(world.origin)
  await new Promise<void>((resolve, reject) => {
    const options = { host, port, path: pathname + search, method: sent.method(), headers, agent: false as const }
    const call = request(options, async (response) => {
      const body = Buffer.concat(await response.toArray())
      const { connection: _, ...kept } = response.headers as Record<string, string>
      const status = response.statusCode ?? 500
      asked.push({ path: pathname, bearer: headers.authorization, status })
      await route.fulfill({ status, headers: kept, body }).catch(() => undefined)
      resolve()
    })
    call.on('error', reject).end(sent.postDataBuffer() ?? undefined)
  })
}

/** A record in the frame of a host, opened just now. */
async function open(locale = 'en'): Promise<Shown> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, reducedMotion: 'reduce' })
  onTestFinished(() => context.close())
  const asked: Asked[] = []
  await context.clock.install({ time: world.now() })
  await context.route(`${PUBLIC}/**`, (route) => proxy(route, asked))
  const wanted = { object_type: 'deals', object_id: '42', locale, request_id: wish() }
  const uri = String((await fetchSigned(world, 'embed-session', wanted)).body.uri)
  await context.route(`${HUBSPOT}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><title>host</title><link rel="icon" href="data:,"><body>
        <script>window.heard = []; addEventListener('message', (e) => heard.push(e.data))</script>
        <iframe title="panel" src="${uri}" style="width:100%;height:700px"></iframe></body></html>`,
    }),
  )
  const page = await context.newPage()
  await page.goto(`${HUBSPOT}/contacts`)
  await expect.poll(() => page.frames().some((one) => one.url().startsWith(`${PUBLIC}/embed`))).toBe(true)
  const frame = page.frames().find((one) => one.url().startsWith(PUBLIC))!
  await frame.locator('.say').waitFor()
  const figures = () => asked.filter(({ path }) => path === '/api/v1/record')
  return {
    page,
    frame,
    asked,
    async pass(milliseconds) {
      world.later(milliseconds)
      await page.clock.fastForward(milliseconds)
    },
    renewals: () => asked.filter(({ path }) => path === '/api/v1/embed/renew').length,
    async choose(model) {
      const { length } = figures()
      await frame.locator('.rh select').selectOption(model)
      await expect.poll(() => figures().length).toBe(length + 1)
      return figures().at(-1)!
    },
  }
}

test('a token is renewed a minute before it ends, and the panel goes on with the new one', async () => {
  const { pass, renewals, choose, frame } = await open()
  const first = await choose('last')
  expect(first).toMatchObject({ status: 200, bearer: expect.stringMatching(/^Bearer eyJ/) })
  await pass(DUE - 10 * SECOND)
  expect(renewals()).toBe(0)
  await pass(11 * SECOND)
  await expect.poll(renewals).toBe(1)
  // The first token has ended by now; nothing was asked for with it.
  await pass(90 * SECOND)
  const second = await choose('first')
  expect(second.status).toBe(200)
  expect(second.bearer).not.toBe(first.bearer)
  // And once more, with what the renewal brought.
  await pass(DUE)
  await expect.poll(renewals).toBe(2)
  expect((await choose('last')).bearer).not.toBe(second.bearer)
  expect(await frame.locator('.said').count()).toBe(0)
})

describe('a renewal that is refused', () => {
  test.each([
    ['en', /This access has ended.*eight hours/s, 'Close'],
    ['zh-CN', /此次访问已结束.*八小时/s, '关闭'],
  ] as const)('ends the panel with a sentence that says why and what to do, %s', async (locale, said, close) => {
    const { pass, renewals, frame, page } = await open(locale)
    // The session is over; the page learns of it when it asks.
    world.later(8 * 3600 * SECOND)
    await pass(DUE)
    await frame.locator('.said[role=alert]').waitFor()
    expect(await frame.locator('.said').innerText()).toMatch(said)
    expect(await frame.locator('roi-panel').count()).toBe(0)
    expect(renewals()).toBe(1)
    await pass(3600 * SECOND)
    expect(renewals()).toBe(1)
    await frame.getByRole('button', { name: close }).click()
    const heard = () => page.evaluate(() => (globalThis as unknown as { heard: unknown[] }).heard)
    await expect.poll(heard).toContain(JSON.stringify({ action: 'DONE' }))
  })

  test('because the connection is gone: the same', async () => {
    const own = await open()
    const { tenant } = world.workspaces.main
    const connection = (await world.state.findConnection(tenant, world.connections.main.id))!
    const secrets = await world.state.secrets(connection.id)
    await world.state.removeConnection(tenant, connection.id)
    await own.pass(DUE)
    await own.frame.locator('.said[role=alert]').waitFor()
    const { connector, externalAccountId, title, settings, everyMinutes } = connection
    const again = { connector, externalAccountId, title, settings, everyMinutes, secrets }
    const { id } = await world.state.saveConnection(tenant, again)
    await world.state.changeConnection(id, { state: 'active', completeAt: world.now(), finishedAt: world.now() })
  })
})

test('while the service does not answer, the panel stays, and the renewal is tried every five seconds', async () => {
  const { pass, renewals, choose, frame, page } = await open()
  let tried = 0
  const renew = `${PUBLIC}/api/v1/embed/renew`
  await page.context().route(renew, (route) => {
    tried += 1
    return route.abort()
  })
  await pass(DUE)
  await expect.poll(() => tried).toBe(1)
  await pass(6 * SECOND)
  await expect.poll(() => tried).toBe(2)
  expect(await frame.locator('.say').count()).toBe(1)
  await page.context().unroute(renew)
  await pass(6 * SECOND)
  await expect.poll(renewals).toBe(1)
  await pass(120 * SECOND)
  expect((await choose('last')).status).toBe(200)
  expect(await frame.locator('.said').count()).toBe(0)
})
