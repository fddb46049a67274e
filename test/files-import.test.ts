import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import files from '../connectors/files/index.ts'
import { contextOf, failure, noticeCounts, opener, read, refusals, rows } from './files-kit.ts'

const TYPES = [
  'campaigns',
  'costs',
  'contacts',
  'accounts',
  'touches',
  'deals',
  'payments',
  'invoices',
  'rates',
] as const
const fixture = (name: string) => readFileSync(new URL(`../connectors/files/fixtures/${name}`, import.meta.url))

describe('headers and templates', () => {
  it.each(TYPES)('our own %s template is read as it is, in both languages, and detected', async (type) => {
    const [en, zh] = await Promise.all(
      (['en', 'zh-CN'] as const).map((locale) => read(type, files.template(type, locale))),
    )
    for (const result of [en!, zh!]) {
      expect(refusals(result)).toEqual([])
      expect(result.notices).toEqual([])
      expect(result.records).toHaveLength(2)
      expect(result.records.every((record) => record.attributes === undefined)).toBe(true)
    }
    for (const locale of ['en', 'zh-CN'] as const) {
      const found = await files.detect(opener(files.template(type, locale)), 'export.csv')
      expect(found).toMatchObject({ type, confidence: 0.8, encoding: 'utf-8', delimiter: ',' })
    }
  })

  it('case, spaces, underscores and marks in headers do not matter', async () => {
    const [record] = await rows('deals', '\ufeffDeal ID*, ACCOUNT-id ,Contact_IDs,“x”\nD1,A1,C1,\n')
    expect(record).toEqual({ type: 'deal', id: 'D1', accountId: 'A1', contactIds: ['C1'] })
  })

  it('names missing columns, the headers found and the remedy', async () => {
    const error = await failure(read('costs', 'day,金额\n2026-01-01,5\n'))
    expect(error.code).toBe('missing_column')
    expect(error.exitCode).toBe(2)
    expect(error.text.en).toContain('date, category')
    expect(error.text.en).toContain('"day"')
    expect(error.text['zh-CN']).toContain('date（日期）')
    expect(error.remedy?.en).toContain('--map')
    expect((await failure(read('touches', 'occurred_at\n2026-01-01\n'))).text.en).toContain(
      'contact_id | email | phone',
    )
  })

  it('refuses two columns of the same name, and says which of two synonyms it took', async () => {
    expect((await failure(read('accounts', 'account_id,name,Name\nA,b,c\n'))).code).toBe('duplicate_column')
    const result = await read('deals', 'deal_id,合同金额,金额\nD,5,6\n')
    expect(result.records[0]).toMatchObject({ amount: { amount: '6' }, attributes: { 合同金额: '5' } })
    expect(noticeCounts(result)[0]).toBe('column_choice 1')
  })
})

describe('mapping', () => {
  const file = 'opportunity_id,close_value,state\nD1,5,Won\n'
  const map = (json: unknown, name = 'x.csv') => files.parseMapping(json, name)

  it('goes in either direction, entry by entry', async () => {
    for (const json of [
      { deal_id: 'opportunity_id', amount: 'Close Value' },
      { opportunity_id: 'deal_id', amount: 'close_value' },
    ]) {
      const [deal] = await rows('deals', file, { map: json })
      expect(deal).toMatchObject({ id: 'D1', amount: { amount: '5' }, attributes: { state: 'Won' } })
    }
  })

  it('has values and constants; what values of won do not list is open', async () => {
    const json = {
      columns: { deal_id: 'id', won: 'result' },
      values: { won: { Gain: true, Loss: false } },
      constants: { currency: 'USD', closed_at: '2026-01-01' },
    }
    const deals = await rows('deals', 'id,result,amount\nD1,gain,5\nD2,Loss,5\nD3,Talk,5\n', { map: json })
    expect(deals.map(({ won }) => won)).toEqual([true, false, undefined])
    expect(deals[0]).toMatchObject({
      amount: { amount: '5', currency: 'USD' },
      closedAt: new Date('2025-12-31T16:00:00Z'),
    })
  })

  it('a constant stands for a missing required column', async () => {
    const [cost] = await rows('costs', 'date,amount\n2026-01-01,5\n', { map: { constants: { category: 'ads' } } })
    expect(cost!.category).toBe('ads')
  })

  it('one mapping for several files is chosen by name', () => {
    const json = JSON.parse(fixture('map-several.json').toString())
    expect(map(json, '/tmp/Sales_Pipeline.csv')?.type).toBe('deals')
    expect(map(json, 'accounts.csv')?.columns).toMatchObject({ account_id: 'account', name: 'account' })
    expect(map(json, 'other.csv')).toBeUndefined()
  })

  it('a campaigns column called type is a column', () => {
    expect(map({ campaign_id: 'ID', type: 'Campaign Type' })?.columns).toEqual({
      campaign_id: 'ID',
      type: 'Campaign Type',
    })
  })

  it.each([
    [{ type: 'deals', deal_id: 'x' }, 'deal_id'],
    [{ columns: {}, date_format: 'x' }, 'date_format'],
    [{ columns: {}, constants: { colour: 'x' } }, 'colour'],
    [{ deal_id: 5 }, 'deal_id'],
    [[], 'JSON object'],
    ['x', 'JSON object'],
  ])('refuses %j naming what is wrong', (json, named) => {
    expect(() => map(json)).toThrow(named)
  })

  it('refuses an entry that fits neither side, listing the headers', async () => {
    const error = await failure(read('deals', file, { map: { deal_id: 'opp' } }))
    expect(error.code).toBe('bad_mapping')
    expect(error.text.en).toContain('"close_value"')
  })
})

describe('detection', () => {
  it.each([
    ['costs-2026.csv', 'date,amount,category\n', 'costs', 1],
    ['2026年费用.csv', '日期,金额,费用类别\n', 'costs', 1],
    ['客户.csv', '客户编号,客户名称\n', 'accounts', 1],
    ['contacts.csv', 'contact_id,account_id,name\n', 'contacts', 0.5],
    ['export.csv', 'deal_id;account_id;name;region\n', 'deals', 0.8],
    ['export.csv', 'account_id,name,region,industry\n', 'accounts', 0.8],
    ['export.csv', 'payment_id,deal_id,amount,paid_at\n', 'payments', 0.8],
    ['export.csv', 'invoice_id,deal_id,amount,issued_at\n', 'invoices', 0.8],
    ['2026年汇率.csv', '日期,外币,本币,汇率\n', 'rates', 1],
  ])('%s with %j is %s', async (name, text, type, confidence) => {
    expect(await files.detect(opener(text), name)).toMatchObject({ type, confidence })
  })

  it('asks when nothing tells, or name and headers disagree', async () => {
    for (const [name, text] of [
      ['export.csv', 'product,series\nx,y\n'],
      ['export.csv', 'contact_id,email,phone\n'],
      ['costs.csv', 'contact_id,occurred_at,channel,kind,utm_source\n'],
    ] as const) {
      const error = await failure(files.detect(opener(text), name))
      expect(error.code).toBe('unknown_type')
      expect(error.remedy?.en).toContain('--type')
    }
  })

  it("follows the mapping's type and columns", async () => {
    const json = { deal_id: 'Opp', amount: 'Value' }
    expect((await files.detect(opener('Opp,Value\n'), 'x.csv', files.parseMapping(json, 'x.csv'))).type).toBe('deals')
    expect((await files.detect(opener('a,b\n'), 'x.csv', files.parseMapping({ type: 'costs' }, 'x.csv'))).type).toBe(
      'costs',
    )
  })
})

describe('pages', () => {
  it('reads the fixtures', async () => {
    const chinese = await read('deals', fixture('deals-gb18030.csv'))
    expect(refusals(chinese)).toEqual([])
    expect(chinese.records).toMatchObject([
      {
        id: 'D-001',
        won: true,
        amount: { amount: '15000', currency: 'CNY' },
        contactIds: ['C-001', 'C-002'],
        attributes: { 销售: '李四' },
      },
      { id: 'D-002', name: '示例项目二' },
      { id: 'D-003', won: false },
    ])
    const german = await read('costs', fixture('costs-german.csv'))
    expect(german.records).toMatchObject([
      { date: '2026-01-31', amount: { amount: '1234.50' } },
      { date: '2026-02-05', amount: { amount: '-20.00' } },
    ])
    expect(refusals(german)).toEqual(['5 bad_date date'])
  })

  it('only the stream of its own type has pages', async () => {
    const context = contextOf('deals', opener('deal_id\nD1\n'))
    for await (const _ of files.pull.costs!.read(context, null)) throw new Error('a page of another type')
    expect(await files.check(context)).toMatchObject({ currency: 'CNY', zone: 'Asia/Shanghai' })
  })

  it('a read that is resumed after any page gives what an uninterrupted one gives', async () => {
    const line = fc.constantFrom('A1,x', 'A2,y', 'A1,z', 'B,', ',C', 'D', 'E,"e\ne"', '')
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(40), async (lines, at) => {
        const body = lines
          .map((text, i) => `${text.replace(/^D$/, `D${i},d`)}\n`)
          .join('')
          .repeat(150)
        const file = `account_id,name\n${body}`
        const whole = await read('accounts', file, { chunk: 4000 })
        const cursor = whole.pages[at % whole.pages.length]!.cursor
        const begin = await read('accounts', file, { chunk: 4000, pages: (at % whole.pages.length) + 1 })
        const end = await read('accounts', file, { chunk: 999, cursor })
        expect([...begin.records, ...end.records]).toEqual(whole.records)
        expect([...begin.rejected, ...end.rejected]).toEqual(whole.rejected)
        const total = (results: (typeof whole)[]) =>
          results.flatMap(({ notices }) => notices).reduce((sum, { count }) => sum + count, 0)
        expect(total([begin, end])).toBe(total([whole]))
      }),
      { numRuns: 25 },
    )
  })

  it('pages hold about two thousand rows and tell the progress', async () => {
    const file = `contact_id,occurred_at\n${Array.from({ length: 5000 }, (_, i) => `C${i},2026-01-01\n`).join('')}`
    const { pages } = await read('touches', file, { size: file.length, chunk: 8192 })
    expect(pages.map(({ cursor }) => cursor)).toEqual(['2000', '4000', '5000'])
    expect(pages.at(-1)!.progress).toBe(1)
    expect(pages[0]!.progress).toBeLessThan(0.6)
  })

  it('refuses a cursor that is none, or beyond the file', async () => {
    expect((await failure(read('deals', 'deal_id\nD\n', { cursor: 'x' }))).code).toBe('bad_cursor')
    expect((await failure(read('deals', 'deal_id\nD\n', { cursor: '9' }))).code).toBe('file_changed')
  })

  it('stops when it is told to', async () => {
    const context = { ...contextOf('deals', opener('deal_id\nD\n')), signal: AbortSignal.abort(new Error('enough')) }
    await expect(files.pull.deals!.read(context, null)[Symbol.asyncIterator]().next()).rejects.toThrow('enough')
  })

  it('memory stays bounded over 300,000 rows', async () => {
    const open = async () =>
      Readable.from(
        (function* () {
          yield Buffer.from('touch_id,contact_id,occurred_at,channel,landing_url\n')
          for (let block = 0; block < 300; block++) {
            let text = ''
            for (let i = 0; i < 1000; i++)
              text += `T${block}-${i},C${i},2026-01-0${1 + (i % 9)} 10:00:00,google,https://example.com/${block}/${i}\n`
            yield Buffer.from(text)
          }
        })(),
        { objectMode: false },
      )
    const before = process.memoryUsage()
    let rows = 0
    let peak = 0
    for await (const { records } of files.pull.touches!.read(contextOf('touches', open), null)) {
      rows += records.length
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      peak = Math.max(peak, heapUsed + arrayBuffers)
    }
    expect(rows).toBe(300_000)
    expect(peak - before.heapUsed - before.arrayBuffers).toBeLessThan(200 * 2 ** 20)
  }, 60_000)
})

const REAL = resolve(import.meta.dirname, '../../shared/fixtures/csv-import/crm-sales-opportunities')
const map = JSON.parse(fixture('map-several.json').toString())
if (!existsSync(REAL)) console.warn(`skipped: ${REAL} is not here, so the real CRM export is not read`)

describe.skipIf(!existsSync(REAL))('the real CRM export', () => {
  const load = async (name: string, type: 'deals' | 'accounts', json: unknown) => {
    const path = `${REAL}/${name}`
    const open = async () => createReadStream(path)
    const settings = { name, map: files.parseMapping(json, name), size: statSync(path).size }
    expect((await files.detect(open, name, settings.map)).type).toBe(type)
    const context = contextOf(type, open)
    const pages = []
    for await (const page of files.pull[type]!.read(
      { ...context, settings: { ...context.settings, ...settings } },
      null,
    ))
      pages.push(page)
    const notices: Record<string, number> = {}
    for (const { code, count } of pages.flatMap((page) => page.notices ?? []))
      notices[code] = (notices[code] ?? 0) + count
    return {
      records: pages.flatMap(({ records }) => records),
      rejected: pages.flatMap((page) => page.rejected ?? []),
      notices,
    }
  }
  const flat = {
    deal_id: 'opportunity_id',
    account_id: 'account',
    stage: 'deal_stage',
    created_at: 'engage_date',
    closed_at: 'close_date',
    amount: 'close_value',
  }

  it.each([
    ['flat', flat],
    ['for several files', map],
  ])('gives 8,800 deals with a mapping %s', async (_, json) => {
    const { records, rejected, notices } = await load('sales_pipeline.csv', 'deals', json)
    expect(rejected).toEqual([])
    expect(records).toHaveLength(8800)
    const won = records.filter((deal) => deal.type === 'deal' && deal.won)
    expect(won.reduce((sum, deal) => sum + BigInt(deal.type === 'deal' ? deal.amount!.amount : 0), 0n)).toBe(
      10_005_534n,
    )
    expect(notices).toMatchObject({
      open_deal_without_amount: 2089,
      deal_without_created_at: 500,
      deal_without_account: 1425,
    })
  })

  it('gives its 85 accounts', async () => {
    const { records, rejected } = await load('accounts.csv', 'accounts', map)
    expect(rejected).toEqual([])
    expect(records).toHaveLength(85)
  })
})
