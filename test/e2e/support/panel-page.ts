import type { Browser, Locator, Page } from 'playwright-core'

/** A page and what went wrong on it: CSP violations, script errors, failed loads. */
export interface Watched {
  readonly page: Page
  readonly faults: string[]
}

/** Opens an address in a fresh context and waits until the element has spoken. */
export async function openPage(browser: Browser, url: string, width = 1280, dark = false): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'zh-CN',
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`),
    )
    const seen: { type: string; detail: unknown }[] = []
    Object.assign(globalThis, { roi: seen })
    for (const name of ['ready', 'error', 'drill', 'model-change', 'period-change']) {
      document.addEventListener(`roi-${name}`, (event) =>
        seen.push({ type: event.type, detail: (event as CustomEvent<unknown>).detail }),
      )
    }
  })
  await page.goto(url)
  await page.waitForFunction(() => (globalThis as unknown as { roi: unknown[] }).roi.length > 0)
  await settle(page)
  return { page, faults }
}

/** Waits until fonts and the next two frames are there. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  })
}

/** Events of the element so far. */
export function eventsOf(page: Page): Promise<{ type: string; detail: Record<string, unknown> }[]> {
  return page.evaluate(() => (globalThis as unknown as { roi: never[] }).roi)
}

/** How many pixels the page is wider than its window. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** Visible texts of all elements found, white space as one space. */
export async function texts(locator: Locator): Promise<string[]> {
  return (await locator.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())
}

/** Visible text of the first element found, once it is there. */
export async function textOf(locator: Locator): Promise<string> {
  await locator.first().waitFor({ state: 'attached' })
  return (await texts(locator))[0] ?? ''
}

/** Calls a method of the element and waits for what it promises. */
export async function call(page: Page, method: 'refresh' | 'explain', ...args: string[]): Promise<void> {
  await page.evaluate(
    async ([name, list]) => {
      const element = document.querySelector('roi-panel') as unknown as Record<string, (...args: string[]) => unknown>
      await element[name]?.(...list)
    },
    [method, args] as const,
  )
}

/** Name of what has the focus inside the element's shadow root, as text. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = document.querySelector('roi-panel')?.shadowRoot?.activeElement
    return (active?.getAttribute('aria-label') ?? active?.textContent ?? '').replace(/\s+/g, ' ').trim()
  })
}
