import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import { call, openPage } from './support/panel-page.ts'
import { type PanelServer, startPanelServer } from './support/panel-server.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
let browser: Browser
let server: PanelServer
let axe: string

beforeAll(async () => {
  server = await startPanelServer(await buildWidget('test'))
  browser = await launchBrowser()
  axe = await readFile(AXE, 'utf8')
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** Violations axe finds, one line each: rule, how many, the first place. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    interface Axe {
      run: () => Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[] }>
    }
    const { violations: found } = await (globalThis as unknown as { axe: Axe }).axe.run()
    return found.map(
      ({ id, nodes }) => `${id} ×${nodes.length} ${JSON.stringify(nodes[0]?.target)} ${nodes[0]?.failureSummary}`,
    )
  })
}

describe('axe', () => {
  it('finds a planted fault inside the shadow root', async () => {
    const { page } = await openPage(browser, `${server.origin}/harness.html?workspace=main`)
    await page.evaluate(() => {
      const root = document.querySelector('roi-panel')?.shadowRoot
      const button = document.createElement('button')
      root?.querySelector('.tiles')?.append(button)
    })
    expect((await violations(page)).join()).toContain('button-name')
    await page.context().close()
  })

  const cases = [
    ['light', 320],
    ['dark', 320],
    ['dark', 480],
    ['light', 768],
    ['light', 1280],
    ['dark', 1280],
  ] as const
  it.each(cases)(
    'finds none: %s, %i px',
    async (theme, width) => {
      for (const workspace of ['full', 'losses', 'mismatch', 'none']) {
        const { page } = await openPage(
          browser,
          `${server.origin}/harness.html?workspace=${workspace}&theme=${theme}`,
          width,
        )
        expect(await violations(page)).toEqual([])
        await page.context().close()
      }
    },
    60_000,
  )

  it.each(['table', 'compare'])('finds none with the models as %s', async (mode) => {
    const { page } = await openPage(browser, `${server.origin}/harness.html?workspace=full&locale=en`, 1000)
    await page.getByRole('button', { name: mode === 'table' ? 'Table' : 'Compare' }).click()
    await page.locator('[part=models] table').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it.each([320, 1280])('finds none with the drawer open at %i px', async (width) => {
    for (const theme of ['light', 'dark']) {
      const { page } = await openPage(browser, `${server.origin}/harness.html?workspace=full&theme=${theme}`, width)
      await call(page, 'explain', 'roi', '行业展会')
      await page.locator('.deals').waitFor()
      await page
        .locator('details')
        .first()
        .evaluate((element) => element.setAttribute('open', ''))
      expect(await violations(page)).toEqual([])
      await page.context().close()
    }
  })

  it.each(['empty', 'unknown', 'quiet', 'many'])('finds none in the state %s', async (workspace) => {
    const { page } = await openPage(browser, `${server.origin}/harness.html?workspace=${workspace}&theme=dark`, 1000)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it.each([
    ['light', 320],
    ['dark', 1280],
  ])('finds none on the plain page: %s, %i px', async (theme, width) => {
    const { page } = await openPage(browser, `${server.origin}/?theme=${theme}&locale=en`, width)
    const input = page.locator('input[type=file]')
    await input.setInputFiles([
      { name: 'costs.csv', mimeType: 'text/csv', buffer: Buffer.from('date,amount\n2026-01-01,bad\n') },
      { name: 'mystery.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') },
    ])
    await page.locator('.fix').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })
})
