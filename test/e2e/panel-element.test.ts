import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import {
  call,
  eventsOf,
  focused,
  openPage,
  settle,
  sidewaysScroll,
  textOf,
  texts,
  type Watched,
} from './support/panel-page.ts'
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
  server.down = false
  server.requests.length = 0
  server.tokens.length = 0
  return async () => {
    const faults = last?.faults ?? []
    await last?.page.context().close()
    last = null
    expect(faults).toEqual([])
  }
})

/** Opens the element with the attributes given; every fault of the page fails the test. */
async function show(query: string, width = 1280): Promise<Page> {
  last = await openPage(browser, `${server.origin}/harness.html?${query}`, width)
  return last.page
}

/** Failed loads that the test provoked are no faults. */
function expected(pattern: RegExp): void {
  const kept = last!.faults.filter((fault) => !pattern.test(fault))
  last!.faults.splice(0, Infinity, ...kept)
}

describe('reference set A', () => {
  it('shows the seven columns, the totals and that they reconcile', async () => {
    const page = await show('workspace=main')
    expect(await texts(page.locator('thead th'))).toEqual([
      '渠道',
      '投入成本',
      '潜在客户数',
      'CPL',
      '成交客户',
      '总收入',
      expect.stringContaining('ROI'),
    ])
    const rows = await texts(page.locator('table tr'))
    expect(rows[1]).toBe('邮件营销 10,000 300 33.33 10 80,000 700.0%')
    expect(rows[5]).toBe('合计 170,000 1,150 147.83 58 940,000 452.9%')
    expect(rows[6]).toBe('未归因 成交前没有触点 不适用 0 不适用 9 140,000 不适用')
    expect(rows[7]).toBe('等于 CRM 成交总额 67 1,080,000 差额 0.00')
    expect(await texts(page.locator('.tile .num'))).toEqual(['452.9%', '¥940,000', '¥170,000', '¥2,931.03'])
    expect(await texts(page.locator('.delta'))).toEqual([
      '+35.1 个百分点 改善',
      '+8.0% 改善',
      '+1.2% 基本持平',
      '−4.0% 改善',
    ])
    expect(await textOf(page.locator('.trust'))).toContain('与 CRM 对账一致 ¥1,080,000')
  })

  it('says that uncosted revenue is inside the sum and outside the return', async () => {
    const page = await show('workspace=full')
    const rows = await texts(page.locator('table .out'))
    expect(rows[0]).toBe('其中无成本 计入收入，不计入 ROI；1 个活动未录成本 60,000 不适用')
    expect(await texts(page.locator('tr.row', { hasText: '老客户推荐' }))).toEqual([
      '老客户推荐 不适用 未录成本 90 不适用 未录成本 4 60,000 不适用 未录成本',
    ])
  })

  it('asks once, in the language and days of its attributes, and keeps the token out of the address', async () => {
    const page = await show('workspace=main&period=2026-07-01..2026-10-01&locale=en&token=abc.def.ghi')
    const [request, ...more] = server.requests
    expect(more).toEqual([])
    expect(Object.fromEntries(request!.searchParams)).toEqual({
      workspace: 'main',
      from: '2026-07-01',
      to: '2026-10-01',
      by: 'channel',
      locale: 'en',
    })
    expect(server.tokens).toEqual(['Bearer abc.def.ghi'])
    const [ready] = await eventsOf(page)
    expect(ready).toEqual({
      type: 'roi-ready',
      detail: { workspace: 'main', model: 'u_milestone', currency: 'CNY', basis: 'close', stale: false },
    })
  })
})

describe('model switcher', () => {
  it('moves with the arrow keys, needs no request and is announced', async () => {
    const page = await show('workspace=main')
    await page.locator('[role=radio][aria-checked=true]').focus()
    await page.keyboard.press('ArrowRight')
    expect(await focused(page)).toBe('U 型（里程碑 50/50）')
    expect(await textOf(page.locator('[role=radio][aria-checked=true]'))).toBe('U 型（里程碑 50/50）')
    expect(await textOf(page.locator('article > [role=status]'))).toMatch(
      /^已切换到 U 型（里程碑 50\/50），ROI 452\.9%$/,
    )
    expect((await texts(page.locator('tr.row')))[0]).not.toContain('700.0%')
    expect(server.requests).toHaveLength(1)
    expect((await eventsOf(page)).at(-1)).toEqual({ type: 'roi-model-change', detail: { model: 'u_milestone_50' } })
  })

  it('reaches models that are off, says why and does not choose them', async () => {
    const page = await show('workspace=main')
    await page.locator('[role=radio][aria-checked=true]').focus()
    await page.keyboard.press('End')
    const radio = page.locator('[data-model=shapley_s6]')
    expect(await focused(page)).toBe('沙普利值（数据驱动）')
    expect(await radio.getAttribute('aria-disabled')).toBe('true')
    expect(await radio.getAttribute('aria-checked')).toBe('false')
    expect(await textOf(page.locator('#models-off'))).toBe(
      '马尔可夫链（1 阶）、马尔可夫链（2 阶）、马尔可夫链（3 阶）、沙普利值（均分）、沙普利值（数据驱动）：58 / 300 笔，数据不足',
    )
  })

  it('switches in under 100 ms', async () => {
    const page = await show('workspace=many')
    const took = await page.evaluate(async () => {
      const panel = document.querySelector('roi-panel') as HTMLElement & { updateComplete: Promise<unknown> }
      const times: number[] = []
      for (const model of ['first', 'last', 'linear', 'full_path', 'custom']) {
        const start = performance.now()
        panel.setAttribute('model', model)
        await panel.updateComplete
        times.push(performance.now() - start)
      }
      return times.sort((a, b) => a - b)[2]!
    })
    expect(took).toBeLessThan(100)
  })

  it('compares all models and shows the ranges as a table', async () => {
    const page = await show('workspace=main')
    expect(await textOf(page.locator('#models-f'))).toBe('3 个渠道的结论不随模型改变；社交媒体取决于模型')
    await page.getByRole('button', { name: '并排比较' }).click()
    expect(await page.locator('.cmp tbody tr').count()).toBe(14)
    expect(await texts(page.locator('.cmp tr.on'))).toEqual([
      'U 型（里程碑 40/40/20） 500.0% 525.0% 700.0% 100.0% 452.9%',
    ])
    await page.getByRole('button', { name: '表格' }).click()
    expect((await texts(page.locator('[part=models] tbody tr'))).at(-1)).toMatch(
      /^社交媒体 −2\.0% 首次触点 168\.0% \S+ 取决于模型$|^社交媒体 .*取决于模型$/,
    )
  })

  it('becomes the list of the system below 600 px', async () => {
    const page = await show('workspace=main', 400)
    await page.locator('.picker select').selectOption('linear')
    expect((await eventsOf(page)).at(-1)?.detail).toEqual({ model: 'linear' })
    expect(await page.locator('option[value=markov_1]').getAttribute('disabled')).not.toBeNull()
  })
})

describe('channel table', () => {
  it('sorts by any column, with what is n/a last in both directions', async () => {
    const page = await show('workspace=full')
    const names = () => texts(page.locator('tr.row .name'))
    expect((await names()).at(-1)).toBe('老客户推荐')
    await page.locator('thead').getByRole('button', { name: 'ROI' }).click()
    expect((await names()).at(0)).toBe('社交媒体')
    expect((await names()).at(-1)).toBe('老客户推荐')
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('ascending')
    await page.locator('thead').getByRole('button', { name: '总收入' }).click()
    expect((await names()).at(0)).toBe('行业展会')
  })

  it('has one tab stop for its rows; arrows move, Enter opens the deals, Esc returns', async () => {
    const page = await show('workspace=main')
    const stops = page.locator('[part=channels] [data-item][tabindex="0"]')
    expect(await stops.count()).toBe(1)
    await stops.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    await page.keyboard.press('Home')
    expect(await focused(page)).toContain('邮件营销')
    await page.keyboard.press('Enter')
    await page.locator('.drawer .eq').waitFor()
    expect(await focused(page)).toContain('这个数怎么来的')
    await page.keyboard.press('Escape')
    await expect.poll(() => focused(page)).toContain('邮件营销')
    expect(await page.locator('.drawer').count()).toBe(0)
  })

  it('draws losses hollow and to the left of zero, and says so', async () => {
    const page = await show('workspace=losses')
    const row = page.locator('tr.row', { hasText: '线下活动' })
    expect(await row.locator('rect').getAttribute('class')).toBe('fs ln')
    expect(await textOf(row.locator('.roi-v'))).toContain('−66.7%')
    expect(await row.locator('.roi-v .vh').textContent()).toContain('亏损')
    expect(await textOf(page.locator('#channels-f'))).toBe('抖音回报最高，60.0%；收入也最多，占 69.6%；1 个渠道亏损')
  })
})

describe('drawer', () => {
  it('lists deals page by page up to the sum of the row', async () => {
    const page = await show('workspace=main')
    await page.getByRole('button', { name: '行业展会', exact: true }).click()
    const deals = page.locator('.deals tbody tr:not(.sum) td:last-child')
    await page.locator('.deals').waitFor()
    expect(await deals.count()).toBe(10)
    expect(await textOf(page.locator('.deals .sum'))).toContain('500,000')
    expect(await textOf(page.locator('.checked'))).toContain('与该行总收入 500,000')
    await page.getByRole('button', { name: '再看 15 笔' }).click()
    await expect.poll(() => deals.count()).toBe(20)
    await page.getByRole('button', { name: '再看 5 笔' }).click()
    await expect.poll(() => deals.count()).toBe(25)
    const sum = (await texts(deals)).reduce((total, text) => total + Number(text.split(' ')[0]!.replaceAll(',', '')), 0)
    expect(sum).toBe(500_000)
    const drill = server.requests.filter(({ pathname }) => pathname.endsWith('drill'))
    expect(drill.map(({ searchParams }) => searchParams.get('offset'))).toEqual(['0', '10', '20'])
    expect(drill[0]!.searchParams.get('model')).toBe('u_milestone')
  })

  it('explains a tile: formula, numbers in place, inputs, settings', async () => {
    const page = await show('workspace=main')
    await page.locator('[data-open=roi]').click()
    await page.locator('.eq').waitFor()
    expect(await textOf(page.locator('.eq'))).toBe('452.9%')
    expect(await textOf(page.locator('.formula'))).toContain('(940000.00 − 170000.00) ÷ 170000.00 × 100')
    expect(await textOf(page.locator('.frac'))).toContain('U 型（里程碑 40/40/20）')
    await page.locator('.drawer').getByRole('button', { name: '投入成本' }).click()
    await expect.poll(() => textOf(page.locator('.eq'))).toBe('¥170,000.00')
    await page.locator('.drawer').getByRole('button', { name: '关闭' }).click()
    await expect.poll(() => focused(page)).toContain('452.9%')
  })

  it('follows the model and opens what has no touch', async () => {
    const page = await show('workspace=main')
    await page.getByRole('button', { name: '未归因', exact: true }).click()
    await page.locator('.deals').waitFor()
    expect(await textOf(page.locator('.checked'))).toContain('与该行总收入 140,000')
    await page.getByRole('button', { name: '邮件营销', exact: true }).click()
    await page.locator('.eq').waitFor()
    await page.locator('[data-model=first]').click()
    await expect.poll(() => textOf(page.locator('.eq'))).not.toBe('700.0%')
    await expect.poll(() => textOf(page.locator('.checked'))).toMatch(/ 一致$/)
  })

  it('docks beside the blocks from 900 px on and covers the panel below', async () => {
    const page = await show('workspace=main')
    await page.getByRole('button', { name: '邮件营销', exact: true }).click()
    await page.locator('.eq').waitFor()
    expect(await page.locator('.tiles').isVisible()).toBe(true)
    await page.setViewportSize({ width: 700, height: 900 })
    await expect.poll(() => page.locator('.tiles').isVisible()).toBe(false)
    expect(await page.locator('.drawer').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('.tiles').isVisible()).toBe(true)
  })

  it('opens by method, and its event holds no name of a deal', async () => {
    const page = await show('workspace=main')
    await call(page, 'explain', 'cpl', '社交媒体')
    await page.locator('.deals').waitFor()
    expect((await eventsOf(page)).at(-1)).toEqual({
      type: 'roi-drill',
      detail: { by: 'channel', key: '社交媒体', metric: 'cpl' },
    })
  })
})

describe('states', () => {
  it('teaches the next step when there is nothing', async () => {
    const page = await show('workspace=empty&locale=en')
    expect(await textOf(page.locator('h2'))).toBe('No data yet, so no ROI')
    expect(await textOf(page.locator('code'))).toContain('npm run -s roi-panel -- import')
  })

  it('gives n/a with its reason, never 0, infinity or NaN', async () => {
    const page = await show('workspace=none')
    expect(await textOf(page.locator('.tile .num').first())).toBe('不适用')
    expect(await textOf(page.locator('.tile .delta').first())).toBe('成本为 0')
    expect(await textOf(page.locator('article'))).not.toMatch(/NaN|∞|Infinity|undefined|null/)
    expect((await texts(page.locator('tr.row', { hasText: '行业展会' })))[0]).toContain('成本为 0')
  })

  it('treats a total that does not reconcile as an error', async () => {
    const page = await show('workspace=mismatch')
    expect(await textOf(page.getByRole('alert'))).toContain('与 CRM 成交总额相差 ¥1,234.56')
    expect(await textOf(page.locator('tr.rec'))).toContain('差额 −1,234.56')
  })

  it('shows the problem, its id and a way on; retry works', async () => {
    server.down = true
    const page = await show('workspace=main')
    const alert = page.getByRole('alert')
    expect(await textOf(alert)).toMatch(/服务正在启动\s+稍后重试\s+请求编号 req_7F3K-92QD/)
    expect((await eventsOf(page))[0]).toEqual({
      type: 'roi-error',
      detail: { code: 'unavailable', status: 503, requestId: 'req_7F3K-92QD' },
    })
    server.down = false
    await page.getByRole('button', { name: '重试' }).click()
    await page.locator('.tiles').waitFor()
    expected(/503/)
  })

  it('keeps the last result, marked stale, also over a reload', async () => {
    // Live, it would be up again before anybody could press the button.
    const page = await show('workspace=main&live=off')
    server.down = true
    await call(page, 'refresh')
    expect(await textOf(page.locator('.band.warn'))).toContain('服务暂时连不上，这是 09-18 12:04 的最近一次结果')
    expect(await textOf(page.locator('.tile .num').first())).toBe('452.9%')
    await page.reload()
    await page.locator('.band.warn').waitFor()
    const kept = await page.evaluate(
      () => Object.entries(sessionStorage).find(([key]) => key.startsWith('roi-panel:'))!,
    )
    expect(kept[0]).toMatch(/^roi-panel:[0-9a-z]+$/)
    server.down = false
    await page.getByRole('button', { name: '重试' }).click()
    await expect.poll(() => page.locator('.band.warn').count()).toBe(0)
    expected(/503/)
  })

  it('shows nothing that was kept once access is refused', async () => {
    const page = await show('workspace=forbidden')
    expect(await textOf(page.getByRole('alert'))).toContain('没有查看权限')
    expected(/403/)
  })

  it('asks no address but http and https', async () => {
    const page = await show(`endpoint=${encodeURIComponent('javascript:alert(1)//')}`)
    expect(await textOf(page.getByRole('alert'))).toContain('endpoint 只能是 http 或 https 地址')
    expect(server.requests).toEqual([])
  })

  it('moves nothing when the figures arrive', async () => {
    const page = await show('workspace=main&fonts=host')
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value
          }).observe({ type: 'layout-shift', buffered: true })
          setTimeout(() => resolve(sum), 200)
        }),
    )
    expect(shift).toBeLessThan(0.01)
  })
})

describe('hostile and extreme data', () => {
  it('stays inert and readable', async () => {
    const page = await show('workspace=malicious')
    expect(await page.locator('article img, article script, article b:text-is("工作区")').count()).toBe(0)
    expect(await textOf(page.locator('tr.row .name').first())).toBe('<img src=x onerror=alert(1)>')
    const body = await textOf(page.locator('article'))
    expect(body).not.toMatch(/[\u202a-\u202e]/)
    expect(body).toContain('1,000,000,000,000,000')
    expect(body).toContain('¥2000万亿')
    expect(body.length).toBeLessThan(6000)
    expect(await sidewaysScroll(page)).toBe(0)
    await page
      .getByRole('button', { name: /^超长渠道名称/ })
      .first()
      .focus()
    expect(await sidewaysScroll(page)).toBe(0)
  })

  it.each([320, 480, 768, 1280])('does not scroll sideways at %i px', async (width) => {
    for (const workspace of ['full', 'malicious', 'losses']) {
      const page = await show(`workspace=${workspace}&locale=en`, width)
      expect(await sidewaysScroll(page)).toBe(0)
      await call(page, 'explain', 'roi')
      await page.locator('.eq').waitFor()
      expect(await sidewaysScroll(page)).toBe(0)
      await page.context().close()
    }
    last = null
  })
})

describe('layout and language', () => {
  it('is a list with a heading per channel below 360 px, in the order of the table', async () => {
    const page = await show('workspace=main', 320)
    expect(await page.locator('[part=channels] table').count()).toBe(0)
    expect(await texts(page.locator('.ch h3'))).toEqual([
      '邮件营销',
      '行业展会',
      'Google 广告',
      '社交媒体',
      '合计',
      '未归因',
      '等于 CRM 成交总额',
    ])
    expect(await texts(page.locator('.ch').first().locator('dt'))).toEqual([
      '投入成本',
      '潜在客户数',
      'CPL',
      '成交客户',
      '总收入',
    ])
    await page.locator('.picker select').last().selectOption('revenue down')
    expect((await texts(page.locator('.ch h3')))[0]).toBe('行业展会')
  })

  it('follows its own width, not that of the window', async () => {
    const page = await show('workspace=main&width=330', 1280)
    expect(await page.locator('.ch').count()).toBeGreaterThan(0)
    await page.evaluate(() => document.querySelector<HTMLElement>('.frame')!.style.setProperty('width', '1100px'))
    await page.locator('[part=channels] table').waitFor()
  })

  it('speaks both languages and changes while it stands', async () => {
    const page = await show('workspace=en&locale=en')
    expect(await textOf(page.locator('#channels-f'))).toBe(
      'E-mail returns most at 700.0%; Trade shows brings most revenue, 53.2%',
    )
    await page.evaluate(() => document.querySelector('roi-panel')?.setAttribute('locale', 'zh-CN'))
    await expect
      .poll(() => textOf(page.locator('#channels-f')))
      .toBe('E-mail 回报最高，700.0%；Trade shows 收入最多，占 53.2%')
    expect(await page.locator('article').getAttribute('lang')).toBe('zh-CN')
  })

  it('takes the language of the page when none is given', async () => {
    const page = await show('workspace=main')
    expect(await page.locator('article').getAttribute('lang')).toBe('zh-CN')
  })

  it.each([
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(21, 25, 27)'],
    ['red;background:url(//x)', 'rgb(255, 255, 255)'],
  ])('theme %s', async (theme, surface) => {
    const page = await show(`workspace=main&theme=${encodeURIComponent(theme)}`)
    expect(await page.locator('article').evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(surface)
  })

  it('theme auto follows the system', async () => {
    const page = await show('workspace=main&theme=auto')
    const surface = () => page.locator('article').evaluate((element) => getComputedStyle(element).backgroundColor)
    expect(await surface()).toBe('rgb(255, 255, 255)')
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await surface()).toBe('rgb(21, 25, 27)')
  })

  it('keeps the marks visible in forced colours', async () => {
    const page = await show('workspace=losses')
    await page.emulateMedia({ forcedColors: 'active' })
    const [fill, stroke] = await page
      .locator('tr.row', { hasText: '线下活动' })
      .locator('rect')
      .evaluate((rect) => {
        const style = getComputedStyle(rect)
        return [style.fill, style.stroke]
      })
    expect(stroke).not.toBe(fill)
  })

  it('has targets of at least 24 px', async () => {
    const page = await show('workspace=full')
    await settle(page)
    const small = await page.locator('button:visible, select:visible').evaluateAll((elements) =>
      elements
        .map((element) => ({ text: element.textContent?.trim().slice(0, 20), box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 24 || box.width < 24)
        .map(({ text, box }) => `${text} ${box.width}×${box.height}`),
    )
    expect(small).toEqual([])
  })
})
