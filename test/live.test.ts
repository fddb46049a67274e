import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './e2e/support/browser.ts'
import { texts } from './e2e/support/panel-page.ts'
import { begin, type LiveShop, openLiveShop } from './support/live-shop.ts'

let shop: LiveShop
let browser: Browser
const deals: string[] = []

beforeAll(async () => {
  shop = await openLiveShop()
  for (let i = 0; i < 8; i++) deals.push(shop.addDeal(1000))
  const first = shop.addDeal(500)
  await begin(shop)
  await shop.win(first)
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await shop?.close()
})

async function open(): Promise<{ page: Page; faults: string[]; streams: string[] }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'zh-CN' })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  const streams: string[] = []
  const note = (kind: string) => (request: { url(): string }) => {
    if (request.url().includes('/api/v1/events')) streams.push(kind)
  }
  page.on('request', note('asked')).on('requestfailed', note('left')).on('requestfinished', note('ended'))
  await page.goto(`${shop.origin}/?workspace=main`)
  await page.locator('.tile .num').first().waitFor()
  return { page, faults, streams }
}

const revenue = async (page: Page) => (await texts(page.locator('.tile .num')))[1]

/** What the page shows follows on what stood there before by this much. */
async function follows(page: Page, before: string | undefined, more: number): Promise<void> {
  const wanted = Number(before?.replaceAll(/[^\d]/g, '')) + more
  await expect
    .poll(async () => Number((await revenue(page))?.replaceAll(/[^\d]/g, '')), { timeout: 20_000 })
    .toBe(wanted)
}

test('a deal that is won in the CRM is on the open panel, which neither flickers nor loses the focus', async () => {
  const { page, faults, streams } = await open()
  await expect.poll(() => streams).toEqual(['asked'])
  const before = await revenue(page)
  await page.evaluate(() => {
    const root = document.querySelector('roi-panel')!.shadowRoot!
    const button = root.querySelector<HTMLElement>('button')!
    button.focus()
    const seen = { node: root.querySelector('.tile'), button, skeletons: 0 }
    new MutationObserver(() => {
      if (root.querySelector('[aria-hidden="true"].skeleton, .skeleton')) seen.skeletons += 1
    }).observe(root, { subtree: true, childList: true })
    Object.assign(window, { seen })
  })
  await shop.win(deals.pop()!)
  await follows(page, before, 1000)
  const after = await page.evaluate(() => {
    const root = document.querySelector('roi-panel')!.shadowRoot!
    const { node, button, skeletons } = (window as unknown as { seen: Record<string, unknown> }).seen!
    return { same: root.querySelector('.tile') === node, focused: root.activeElement === button, skeletons }
  })
  expect(after).toEqual({ same: true, focused: true, skeletons: 0 })
  expect(faults).toEqual([])
  await page.context().close()
})

test('a hidden page is not told, and catches up when it is seen again', async () => {
  const { page, streams } = await open()
  await expect.poll(() => streams).toEqual(['asked'])
  const hide = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await hide(true)
  await expect.poll(() => streams).toEqual(['asked', 'left'])
  const before = await revenue(page)
  await shop.win(deals.pop()!)
  await expect.poll(async () => (await shop.app.events.feed.changedAt(1))!.getTime() > 0).toBe(true)
  expect(await revenue(page)).toBe(before)
  await hide(false)
  await follows(page, before, 1000)
  await page.context().close()
})

test('after a connection that was cut it connects again', async () => {
  const { page, streams } = await open()
  await expect.poll(() => streams).toEqual(['asked'])
  shop.server.closeAllConnections()
  await expect.poll(() => streams.filter((kind) => kind === 'asked').length, { timeout: 20_000 }).toBe(2)
  const before = await revenue(page)
  await shop.win(deals.pop()!)
  await follows(page, before, 1000)
  await page.context().close()
})

test('a panel whose access has ended does not keep its figures', async () => {
  const { page, streams } = await open()
  await expect.poll(() => streams).toEqual(['asked'])
  const ended = {
    status: 401,
    json: { error: { code: 'not_signed_in', message: '请登录', remedy: null, request_id: 'r' } },
  }
  await page.route('**/api/v1/**', (route) => route.fulfill(ended))
  shop.server.closeAllConnections()
  await expect.poll(() => page.locator('.tile').count(), { timeout: 20_000 }).toBe(0)
  await page.context().close()
})

test('an element out of sight, taken away or switched off is not told', async () => {
  const { page, streams } = await open()
  await expect.poll(() => streams).toEqual(['asked'])
  await page.evaluate(() => {
    const panel = document.querySelector('roi-panel')!
    Object.assign(window, { panel, place: panel.parentElement })
    panel.remove()
  })
  await expect.poll(() => streams).toEqual(['asked', 'left'])
  await page.evaluate(() => {
    const { panel, place } = window as unknown as { panel: HTMLElement; place: HTMLElement }
    place.append(panel)
  })
  await expect.poll(() => streams.at(-1)).toBe('asked')
  await page.evaluate(async () => {
    const { panel } = window as unknown as { panel: HTMLElement & { refresh(): Promise<void> } }
    panel.setAttribute('live', 'off')
    await panel.refresh()
  })
  await expect.poll(() => streams.at(-1)).toBe('left')
  await page.context().close()
})
