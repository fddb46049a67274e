import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import { call, openPage, settle } from './support/panel-page.ts'
import { type PanelServer, startPanelServer } from './support/panel-server.ts'

/** Pictures for people to look at; git does not keep them. */
const OUT = fileURLToPath(new URL('./artefacts/', import.meta.url))
let browser: Browser
let server: PanelServer

beforeAll(async () => {
  server = await startPanelServer(await buildWidget('test'))
  browser = await launchBrowser()
  await mkdir(OUT, { recursive: true })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function picture(name: string, path: string, width: number, open?: string): Promise<void> {
  const { page, faults } = await openPage(browser, `${server.origin}/${path}`, width)
  if (open) {
    await call(page, 'explain', 'roi', open)
    await page.locator('.deals').waitFor()
  }
  await settle(page)
  await page.screenshot({ path: join(OUT, `${name}.png`), fullPage: true })
  expect(faults.filter((fault) => !/404 \(Not Found\)/.test(fault))).toEqual([])
  await page.context().close()
}

describe('gallery', () => {
  const looks = ['zh-CN', 'en'].flatMap((locale) =>
    ['light', 'dark'].flatMap((theme) => [320, 480, 768, 1120].map((width) => [locale, theme, width] as const)),
  )
  it.each(looks)('panel %s %s %i', async (locale, theme, width) => {
    const workspace = locale === 'en' ? 'en' : 'full'
    const path = `harness.html?workspace=${workspace}&locale=${locale}&theme=${theme}`
    await picture(`panel-${locale}-${theme}-${width}`, path, width)
  })

  it.each([
    ['zh-CN', 'light', 1120, '行业展会'],
    ['en', 'dark', 1120, '邮件营销'],
    ['zh-CN', 'light', 320, '行业展会'],
  ])('drawer %s %s %i', async (locale, theme, width, open) => {
    const workspace = locale === 'en' ? 'en' : 'full'
    const path = `harness.html?workspace=${workspace}&locale=${locale}&theme=${theme}`
    await picture(`drawer-${locale}-${theme}-${width}`, path, width, open)
  })

  it.each(['losses', 'none', 'mismatch', 'empty', 'malicious', 'many', 'unknown'])('state %s', async (workspace) => {
    await picture(`state-${workspace}`, `harness.html?workspace=${workspace}`, 1000)
  })

  it.each([
    ['zh-CN', 'light', 1280],
    ['en', 'dark', 1280],
    ['zh-CN', 'dark', 320],
    ['en', 'light', 320],
  ])('page %s %s %i', async (locale, theme, width) => {
    await picture(`page-${locale}-${theme}-${width}`, `?locale=${locale}&theme=${theme}&workspace=full`, width)
  })
})
