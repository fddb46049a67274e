import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from './support/browser.ts'
import { type Built, buildWidget } from './support/build.ts'
import { openPage } from './support/panel-page.ts'
import { type PanelServer, startPanelServer } from './support/panel-server.ts'

let browser: Browser
let server: PanelServer
let built: Built

beforeAll(async () => {
  built = await buildWidget('production')
  server = await startPanelServer(built)
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** Height of the element, the only thing of a closed root a host can see. */
function height(page: Page): Promise<number> {
  return page.locator('roi-panel').evaluate((element) => element.getBoundingClientRect().height)
}

describe('the published build', () => {
  it('has a closed root, works under a strict policy and leaves no style attribute', async () => {
    const { page, faults } = await openPage(browser, `${server.origin}/harness.html?workspace=full`)
    expect(await page.locator('roi-panel').evaluate((element) => element.shadowRoot)).toBeNull()
    expect(await height(page)).toBeGreaterThan(800)
    const source = await readFile(join(built.widget, 'roi-panel.js'), 'utf8')
    expect(source).not.toMatch(/ style=["$]|innerHTML=\w+\.(?:label|name|message)|unsafeHTML/)
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('proves that the test would see a violation', async () => {
    const { page, faults } = await openPage(browser, `${server.origin}/harness.html?workspace=main`)
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'))
    await expect.poll(() => faults.join()).toMatch(/CSP style-src/)
    await page.context().close()
  })

  it('is loaded by the loader only once the page has an element', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
    await page.goto(`${server.origin}/loader-only.html`)
    await page.waitForLoadState('load')
    expect(loaded).toContain('/widget/loader.js')
    expect(loaded).not.toContain('/widget/roi-panel.js')
    await page.evaluate(() => document.body.append(document.createElement('roi-panel')))
    await page.waitForFunction(() => customElements.get('roi-panel') !== undefined)
    await expect.poll(() => height(page)).toBeGreaterThan(800)
    expect(loaded.filter((path) => path === '/widget/roi-panel.js')).toHaveLength(1)
    await context.close()
  })
})
