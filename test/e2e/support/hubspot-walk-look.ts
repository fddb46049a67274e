import { join } from 'node:path'
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { settle } from './panel-page.ts'

const SHOTS = join(import.meta.dirname, '..', 'artefacts', 'hubspot-walk')

/** Each language in both themes and both widths, as few pictures as that takes. */
const LOOKS = {
  en: [
    ['light', 1280],
    ['dark', 320],
  ],
  'zh-CN': [
    ['dark', 1280],
    ['light', 320],
  ],
} as const
export type Language = keyof typeof LOOKS
export const LANGUAGES = Object.keys(LOOKS) as readonly Language[]
const WIDE = { width: 1280, height: 900 }

/** A person's browser, and what went wrong in it. */
export interface Watched {
  readonly context: BrowserContext
  readonly faults: string[]
}

/**
 * A browser whose pages show the published build, with its closed shadow root opened to the test. Refusals of the service
 * are told by the page itself and are no fault; violations of the content policy and errors of scripts are.
 */
export async function openBrowser(browser: Browser): Promise<Watched> {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', viewport: WIDE })
  const faults: string[] = []
  await context.addInitScript(() => {
    const attach = Element.prototype.attachShadow
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: 'open' })
    }
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`),
    )
  })
  context.on('console', (message) => {
    const refused = /^Failed to load resource: the server responded with a status of (401|403|404|409)/
    if (message.type() === 'error' && !refused.test(message.text())) faults.push(message.text())
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  return { context, faults }
}

/** What a panel of the workspace must show, in whole units: revenue by credit, and what the CRM has in all. */
export interface Sums {
  readonly attributed: number
  readonly won: number
}

/** Waits until a panel shows these sums and says that they add up. */
export async function shows(at: Page | Frame, sums: Sums): Promise<void> {
  await at.waitForFunction(
    ({ attributed, won }) => {
      const root = document.querySelector('roi-panel')?.shadowRoot
      const amount = (element: Element | null | undefined) => Number(element?.textContent?.replaceAll(/[^\d]/g, ''))
      const revenue = root?.querySelectorAll('.tile .num')[1]
      const agrees = root?.querySelector('.trust .end:not(.neg) b')
      return amount(revenue) === attributed && amount(agrees) === won
    },
    sums,
    { polling: 10, timeout: 20_000 },
  )
}

/** Waits until the view of one record says that its credit adds up to this amount. */
export async function showsRecord(at: Frame, amount: number): Promise<void> {
  await at.waitForFunction(
    (wanted) => {
      const line = document.querySelector('roi-panel')?.shadowRoot?.querySelector('.trust .end:not(.neg) b')
      return Number(line?.textContent?.replaceAll(/[^\d]/g, '')) === wanted
    },
    amount,
    { polling: 50, timeout: 20_000 },
  )
}

/**
 * Takes pictures of a page that speaks this language, and leaves it wide and light.
 * @param at the frame that is looked at, where it is not the page itself
 * @returns how many pixels it was wider than its window, at most
 */
export async function shoot(page: Page, name: string, language: Language, at: Page | Frame = page): Promise<number> {
  let sideways = 0
  // A tab behind another one draws once a second.
  await page.bringToFront()
  for (const [theme, width] of LOOKS[language]) {
    await page.setViewportSize({ ...WIDE, width })
    await page.emulateMedia({ colorScheme: theme })
    await settle(page)
    await page.screenshot({ path: join(SHOTS, `${name}-${language}-${theme}-${width}.png`), fullPage: true })
    const wider = await at.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    sideways = Math.max(sideways, wider)
  }
  await page.setViewportSize(WIDE)
  await page.emulateMedia({ colorScheme: 'light' })
  return sideways
}
