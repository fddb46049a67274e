import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import { openPage, sidewaysScroll, textOf, texts, type Watched } from './support/panel-page.ts'
import { type PanelServer, startPanelServer } from './support/panel-server.ts'

let browser: Browser
let server: PanelServer
let last: Watched | null = null

beforeAll(async () => {
  server = await startPanelServer(await buildWidget('test'))
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

beforeEach(() => {
  server.requests.length = 0
  server.imports.length = 0
  return async () => {
    const faults = last?.faults.filter((fault) => !/400 \(Bad Request\)/.test(fault)) ?? []
    await last?.page.context().close()
    last = null
    expect(faults).toEqual([])
  }
})

async function show(query = '', width = 1280): Promise<Page> {
  last = await openPage(browser, `${server.origin}/${query}`, width)
  await last.page.locator('.tiles').waitFor()
  return last.page
}

function csv(name: string, text = 'date,amount,category\n2026-01-01,10,ads\n') {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(text) }
}

/** Query of the newest panel request. */
function asked(): Record<string, string> {
  const request = server.requests.filter(({ pathname }) => pathname.endsWith('/panel')).at(-1)
  return Object.fromEntries(request?.searchParams ?? [])
}

describe('plain page', () => {
  it('opens the first workspace, all time, and says that it is sample data', async () => {
    const page = await show()
    expect(asked()).toEqual({ workspace: 'main', by: 'channel', locale: 'zh-CN' })
    expect(await textOf(page.locator('.notice'))).toContain('npm run -s roi-panel -- serve')
    expect(await page.title()).toBe('示例工作区 · ROI')
  })

  it('keeps workspace, period and model in the address', async () => {
    const page = await show()
    await page.getByLabel('工作区').selectOption('full')
    await page.getByLabel('期间').selectOption('last-month')
    await expect.poll(() => asked().from ?? '').toMatch(/^\d{4}-\d{2}-01$/)
    await page.locator('[data-model=linear]').click()
    await expect.poll(() => page.url()).toMatch(/\?workspace=full&period=last-month&model=linear$/)
    await page.reload()
    await page.locator('[data-model=linear][aria-checked=true]').waitFor()
    expect(asked().workspace).toBe('full')
  })

  it('asks for own days with the last day included', async () => {
    const page = await show()
    await page.getByLabel('期间').selectOption('custom')
    await page.getByLabel('起', { exact: true }).fill('2026-07-01')
    await page.getByLabel('止', { exact: true }).fill('2026-09-30')
    await expect.poll(() => asked()).toMatchObject({ from: '2026-07-01', to: '2026-10-01' })
  })

  it('changes language and theme and remembers both', async () => {
    const page = await show()
    await page.getByLabel('语言').selectOption('en')
    await page.getByLabel('Appearance').selectOption('dark')
    await expect.poll(() => textOf(page.locator('h1'))).toBe('Marketing ROI')
    await page.reload()
    await page.locator('.tiles').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    const surface = await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor)
    expect(surface).toBe('rgb(14, 17, 18)')
  })

  it('imports files one after the other and shows what became of each row', async () => {
    const page = await show()
    const before = server.requests.filter(({ pathname }) => pathname.endsWith('/panel')).length
    await page.locator('input[type=file]').setInputFiles([csv('costs.csv'), csv('deals.csv', 'a\nbad\n')])
    await expect
      .poll(() => texts(page.locator('.file .m')))
      .toEqual(['费用 · 共 4 行：导入 4，未变 0，拒绝 0', '费用 · 共 4 行：导入 3，未变 0，拒绝 1'])
    expect(await texts(page.locator('.file td'))).toEqual(['3', 'amount', '“bad” 不是金额'])
    expect(server.imports.map(({ url, body }) => [url.searchParams.get('name'), body.slice(0, 4)])).toEqual([
      ['costs.csv', 'date'],
      ['deals.csv', 'a\nba'],
    ])
    await expect
      .poll(() => server.requests.filter(({ pathname }) => pathname.endsWith('/panel')).length)
      .toBe(before + 1)
  })

  it('lets a person say what a file is and how its dates are written', async () => {
    const page = await show()
    await page.locator('input[type=file]').setInputFiles([csv('mystery.csv'), csv('dates.csv')])
    const [mystery, dates] = [page.locator('.file').first(), page.locator('.file').last()]
    expect(await textOf(mystery.locator('.neg'))).toContain('看不出 mystery.csv 是哪一类文件')
    await mystery.getByLabel('文件类型').selectOption('deals')
    await mystery.getByRole('button', { name: '重新导入' }).click()
    await expect.poll(() => textOf(mystery.locator('.m'))).toContain('成交 · 共 4 行')
    await dates.getByLabel('日期格式').selectOption('D/M/YYYY')
    await dates.getByRole('button', { name: '重新导入' }).click()
    await expect.poll(() => textOf(dates.locator('.m'))).toContain('共 4 行')
    expect(
      server.imports.slice(2).map(({ url }) => [url.searchParams.get('type'), url.searchParams.get('date_format')]),
    ).toEqual([
      ['deals', null],
      [null, 'D/M/YYYY'],
    ])
  })

  it('takes files dropped anywhere', async () => {
    const page = await show()
    await page.evaluate(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['date,amount\n'], 'dropped.csv'))
      document
        .querySelector('h1')
        ?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
    })
    await expect.poll(() => server.imports.map(({ url }) => url.searchParams.get('name'))).toEqual(['dropped.csv'])
  })

  it('offers a template for every kind of file', async () => {
    const page = await show('?locale=en')
    const links = await page.locator('.links a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(links).toHaveLength(9)
    expect(links[0]).toBe('./api/v1/templates/costs?locale=en')
  })

  it.each([320, 480, 768, 1280])('does not scroll sideways at %i px', async (width) => {
    const page = await show('?locale=en&period=2026-01-01..2026-07-01', width)
    await page.locator('input[type=file]').setInputFiles([csv('mystery.csv'), csv(`${'x'.repeat(200)}.csv`)])
    await page.locator('.file .m').last().waitFor()
    expect(await sidewaysScroll(page)).toBe(0)
  })
})
