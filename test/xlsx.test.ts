import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import files from '../connectors/files/index.ts'
import { contextOf, failure, noticeCounts, type Options, opener, read, refusals } from './files-kit.ts'
import { times } from './support/thorough.ts'
import { type Cell, oneSheet, serialOf, xlsx } from './support/xlsx.ts'

const book = (content: Buffer) => opener(content, 1 << 16)
const load = (type: Parameters<typeof read>[0], content: Buffer, options: Options = {}) =>
  read(type, content, { chunk: 1 << 16, name: `${type}.xlsx`, ...options })
const costs = (...cells: Cell[]) => oneSheet([['cost_id', 'date', 'amount', 'category', 'note'], cells])
const xml = (text: string) => ({ xml: text })

/** The only record, or why it was refused. */
async function one(content: Buffer, options?: Options): Promise<Record<string, unknown> | string> {
  const result = await load('costs', content, options)
  expect(result.records.length + result.rejected.length).toBe(1)
  return (result.records[0] as unknown as Record<string, unknown>) ?? refusals(result)[0]
}

interface Value {
  readonly csv: string
  readonly cell: Cell
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((value) => value.replaceAll('\u0000', '').trim())
  .map((value): Value => ({ csv: value, cell: value }))
const number = fc
  .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.constantFrom(1, 10, 100, 10_000))
  .map(([digits, by]): Value => ({ csv: String(digits / by), cell: digits / by }))
const long = fc.integer({ min: 1, max: 9 }).map((n): Value => ({ csv: `${n}.5E+17`, cell: (n + 0.5) * 1e17 }))
const flag = fc.boolean().map((value): Value => ({ csv: value ? 'TRUE' : 'FALSE', cell: value }))
const date = fc.integer({ min: 0, max: 800_000_000 }).map((since): Value => {
  const iso = new Date(Date.UTC(2000, 0, 1) + since * 1000).toISOString().slice(0, 19)
  return { csv: iso.replace('T00:00:00', ''), cell: { date: iso } }
})
const day = fc.integer({ min: 0, max: 9000 }).map((days): Value => {
  const iso = new Date(Date.UTC(2000, 0, 1 + days)).toISOString().slice(0, 10)
  return { csv: iso, cell: { date: iso } }
})
const none = fc.constant<Value>({ csv: '', cell: null })
const TABLES = {
  deals: ['deal_id', '商机名称', '金额', '成交时间', '是否赢单', 'created_at', '自定义'],
  costs: ['cost_id', '渠道', 'amount', 'date', 'clicks', 'note', 'category'],
} as const

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`

describe('the same table as CSV and as workbook', () => {
  it.each(['deals', 'costs'] as const)('gives the same records and refusals: %s', async (type) => {
    const headers = TABLES[type]
    const id = fc.oneof(
      text,
      fc.integer({ min: 1, max: 9 }).map((n): Value => ({ csv: String(n), cell: n })),
      long,
    )
    const any = fc.oneof(text, number, flag, date, day, none)
    // A bare number is another day in a workbook that counts from 1904.
    const dated = fc.oneof(date, day, text, flag, none)
    const row = fc.tuple(id, any, fc.oneof(number, number, any), dated, fc.oneof(flag, any), dated, any)
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.constantFrom('shared' as const, 'inline' as const, 'formula' as const),
        fc.boolean(),
        fc.constantFrom('', 'x'),
        async (rows, strings, date1904, prefix) => {
          const lines = rows.map((cells) => cells.map(({ csv }) => quoted(csv)).join(','))
          const ours = [[...headers], ...rows.map((cells) => cells.map(({ cell }) => cell))]
          const fromCsv = await attempt(read(type, `${headers.join(',')}\n${lines.join('\n')}\n`))
          const fromBook = await attempt(load(type, oneSheet(ours, { strings, date1904, prefix })))
          expect(fromBook).toEqual(fromCsv)
        },
      ),
      { numRuns: times(5, 20) },
    )
  })

  /** What is compared: the records, and what was refused why. */
  async function attempt(reading: ReturnType<typeof read>): Promise<unknown> {
    const result = await reading.catch((error: { code?: string }) => error.code ?? error)
    if (typeof result !== 'object' || !('records' in result)) return result
    return [result.records, result.rejected.map(({ code, where }) => [code, where.column])]
  }
})

describe('cells', () => {
  it.each([
    ['a formula with its result', xml('<c><f>SUM(A1:A9)</f><v>0.30000000000000004</v></c>'), '0.3'],
    ['a percentage', xml('<c s="2"><v>0.125</v></c>'), '0.125'],
    ['an amount of money', xml('<c s="3"><v>1234.5</v></c>'), '1234.5'],
    ['a number as text', '1,234.50', '1234.50'],
    ['a number in the cell of a text format', xml('<c s="4"><v>7</v></c>'), '7'],
  ])('%s is its number', async (_, cell, amount) => {
    const formats = ['0.00%', '[$$-409]#,##0.00', '@']
    const rows = [
      ['date', 'amount', 'category'],
      ['2026-01-01', cell, 'ads'],
    ]
    expect(await one(oneSheet(rows, { formats }))).toMatchObject({ amount: { amount } })
  })

  it.each([
    ['an error', xml('<c t="e"><v>#N/A</v></c>'), '2 error_cell amount'],
    ['a formula without result', xml('<c><f>A1*2</f></c>'), '2 formula_without_result amount'],
    [
      'a formula without result, as libraries write it',
      xml('<c><f>A1</f><v></v></c>'),
      '2 formula_without_result amount',
    ],
    ['no number', xml('<c><v>abc</v></c>'), '2 error_cell amount'],
    ['a truth value', true, '2 bad_amount amount'],
    ['a date', { date: '2026-01-01' }, '2 bad_amount amount'],
    ['too many digits', 1e18, '2 bad_amount amount'],
    ['nothing', null, '2 missing_value amount'],
    ['an empty formula text', xml('<c t="str"><f>""</f><v></v></c>'), '2 missing_value amount'],
  ])('%s is no amount', async (_, cell, refusal) => {
    expect(await one(costs('F1', '2026-01-01', cell, 'ads'))).toBe(refusal)
  })

  it('an error counts in columns that are read as such, and can be given a meaning', async () => {
    const error = xml('<c t="e"><v>#N/A</v></c>')
    expect(await one(costs('F1', '2026-01-01', 1, 'ads', error))).toBe('2 error_cell note')
    const map = { values: { note: { '#N/A': null } } }
    expect(await one(costs('F1', '2026-01-01', 1, 'ads', error), { map })).not.toHaveProperty('note')
    const extra = oneSheet([
      ['date', 'amount', 'category', 'helper', 'currency'],
      ['2026-01-01', 1, 'ads', error, null],
      ['2026-01-01', 1, 'ads', null, error],
    ])
    const result = await load('costs', extra)
    expect(result.records).toMatchObject([{ attributes: { helper: '#N/A' } }])
    expect(refusals(result)).toEqual(['3 error_cell currency'])
  })

  it('an id is refused when the spreadsheet rounded it or made it a date', async () => {
    expect(await one(costs(xml('<c><v>1234567890123456789</v></c>'), '2026-01-01', 1, 'ads'))).toBe(
      '2 mangled_id cost_id',
    )
    expect(await one(costs(xml('<c><v>1.2345678901234499E+18</v></c>'), '2026-01-01', 1, 'ads'))).toBe(
      '2 mangled_id cost_id',
    )
    expect(await one(costs(1e15, '2026-01-01', 1, 'ads'))).toBe('2 mangled_id cost_id')
    expect(await one(costs({ date: '2026-03-01' }, '2026-01-01', 1, 'ads'))).toBe('2 mangled_id cost_id')
    expect(await one(costs(123456789012345, '2026-01-01', 1, 'ads'))).toMatchObject({ id: '123456789012345' })
    expect(await one(costs('1234567890123456789', '2026-01-01', 1, 'ads'))).toMatchObject({ id: '1234567890123456789' })
  })

  it('an id keeps the zeros in front that its format shows', async () => {
    const coded = xml('<c s="2"><v>42</v></c>')
    const rows = [
      ['cost_id', 'date', 'amount', 'category'],
      [coded, '2026-01-01', coded, 'ads'],
    ]
    const record = await one(oneSheet(rows, { formats: ['00000'] }))
    expect(record).toMatchObject({ id: '00042', amount: { amount: '42' } })
  })

  it('a cell that is a number or a date is not read as others in its column are written', async () => {
    const content = oneSheet([
      ['cost_id', 'date', 'amount', 'category'],
      ['F1', '13/02/2026', '12,50', 'ads'],
      ['F2', { date: '2026-02-01' }, 1.234, 'ads'],
      ['F3', 46_023, 1.5, 'ads'],
    ])
    const { records } = await load('costs', content)
    expect(records).toMatchObject([
      { date: '2026-02-13', amount: { amount: '12.50' } },
      { date: '2026-02-01', amount: { amount: '1.234' } },
      { date: '2026-01-01', amount: { amount: '1.5' } },
    ])
    // Nor does it prove or cast doubt on how others are written.
    const exact = await load('costs', costs('F1', { date: '2026-02-01' }, 1.234, 'ads'))
    expect(exact.notices).toEqual([])
    // A form in which ISO dates could be read too, with day and month exchanged.
    const dated = await load('costs', content, { dateFormat: 'YYYY-D-M' })
    expect(dated.records).toMatchObject([{ date: '2026-02-01' }, { date: '2026-01-01' }])
    expect(refusals(dated)).toEqual(['2 bad_date date'])
  })

  it('dates count from 1904 where the workbook says so, formatted or not, and days that never were are refused', async () => {
    const rows = [
      ['date', 'amount', 'category'],
      [{ date: '2026-01-02T15:30:00' }, 1, 'ads'],
      [serialOf('2026-01-03') - 1462, 1, 'ads'],
    ]
    expect((await load('costs', oneSheet(rows, { date1904: true }))).records).toMatchObject([
      { date: '2026-01-02' },
      { date: '2026-01-03' },
    ])
    for (const day of [60, 0, 0.5, -3, 3e6]) {
      expect(await one(costs('F1', { date: day }, 1, 'ads'))).toMatch(/^2 (?:bad_date|error_cell) date$/)
    }
    expect(await one(costs('F1', xml('<c t="d"><v>2026-01-05</v></c>'), 1, 'ads'))).toMatchObject({
      date: '2026-01-05',
    })
  })

  it('times are local to the workspace, to the second', async () => {
    const content = oneSheet([
      ['account_id', 'contact_id', 'occurred_at'],
      ['', 'C1', { date: '2026-03-01T10:30:15' }],
    ])
    const [record] = (await load('touches', content, { zone: 'Asia/Shanghai' })).records
    expect(record).toMatchObject({ occurredAt: new Date('2026-03-01T02:30:15Z') })
  })

  it('rich text is whole, phonetic guides and comments are not part of it', async () => {
    const rich = '<r><rPr><b/></rPr><t>东京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></r>'
    const cell = xml(
      `<c t="inlineStr"><is>${rich}<r><t xml:space="preserve"> 展会</t></r><phoneticPr fontId="1"/></is></c>`,
    )
    expect(await one(costs('F1', '2026-01-01', 1, 'ads', cell))).toMatchObject({ note: '东京 展会' })
    const shared = '<sst><si><r><t>Ex</t></r><r><t>po</t></r><rPh sb="0" eb="1"><t>エ</t></rPh></si></sst>'
    const content = oneSheet(
      [
        [
          xml('<c t="inlineStr"><is><t>date</t></is></c>'),
          xml('<c t="inlineStr"><is><t>amount</t></is></c>'),
          xml('<c t="inlineStr"><is><t>category</t></is></c>'),
        ],
        [46_023, 1, xml('<c t="s"><v>0</v></c>')],
      ],
      { parts: [{ name: 'xl/sharedStrings.xml', content: shared }] },
    )
    expect(await one(content)).toMatchObject({ category: 'Expo' })
  })

  it('blanks around text are nothing, and neither are U+0000 and halves of characters', async () => {
    const content = costs('  F1 ', ' 2026-01-01', 1, 'ads\t', 'a\u0000b\ud83dc')
    expect(await one(content)).toMatchObject({ id: 'F1', category: 'ads', note: 'ab\ufffdc' })
  })
})

describe('rows', () => {
  it('are named as the spreadsheet shows them; the header is the first that is not blank', async () => {
    const rows = [
      [''],
      [null, ' '],
      ['date', 'amount', 'category'],
      [46_023, 1, 'ads'],
      [46_023, 'x', 'ads'],
      [46_024, 2],
    ]
    const result = await load('costs', oneSheet(rows, { lines: [1, 2, 4, 5, 900, 901] }))
    expect(result.records).toHaveLength(1)
    expect(refusals(result)).toEqual(['900 bad_amount amount', '901 missing_value category'])
    expect(result.pages[0]!.cursor).toBe('3')
    expect(result.pages.at(-1)!.progress).toBe(1)
  })

  it('may have blanks beside the table, but no values', async () => {
    const result = await load(
      'accounts',
      oneSheet([
        ['account_id', 'name'],
        ['A1', 'one', ' '],
        ['A2', 'two', null, 'note'],
        ['A3', 'three'],
      ]),
    )
    expect(result.records).toHaveLength(2)
    expect(refusals(result)).toEqual(['3 too_many_cells'])
    expect(result.rejected[0]!.message.en).toContain('right of the last header')
  })

  it('merged cells are said to be empty but for their first', async () => {
    const after = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    const result = await load('accounts', oneSheet([['account_id', 'name'], ['A1', 'one'], ['A2']], { after }))
    expect(noticeCounts(result)).toEqual(['merged_cells 1'])
    expect(refusals(result)).toEqual(['3 missing_value name'])
  })

  it('need no references, and come in pages that can be resumed', async () => {
    const cell = (value: string | number) =>
      typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t>${value}</t></is></c>`
    const data = Array.from({ length: 4500 }, (_, i) => `<row>${cell(`A${i}`)}${cell(i)}</row>`)
    const sheet = `<worksheet><sheetData><row>${cell('account_id')}${cell('name')}</row>${data.join('')}</sheetData></worksheet>`
    const content = oneSheet([], { parts: [{ name: 'xl/worksheets/sheet1.xml', content: sheet }] })
    const whole = await load('accounts', content)
    expect(whole.pages.map(({ cursor }) => cursor)).toEqual(['2000', '4000', '4500'])
    const resumed = await load('accounts', content, { cursor: '2000' })
    expect(resumed.records).toEqual(whole.records.slice(2000))
  }, 20_000)
})

describe('sheets', () => {
  const COSTS: Cell[][] = [
    ['date', 'amount', 'category'],
    [46_023, 1, 'ads'],
  ]
  const DEALS: Cell[][] = [
    ['deal_id', '金额'],
    ['D1', 5],
  ]
  const NOTES: Cell[][] = [['How to fill this in'], ['…']]
  const partsOf = (content: Buffer, options: Parameters<typeof files.parts>[2] = {}, name = 'book.xlsx') =>
    files.parts(book(content), name, options)

  it('one that follows a template is read, under the name of the file; empty ones do not count', async () => {
    const content = xlsx({ sheets: [{ rows: [] }, { name: 'Data', rows: COSTS }, { rows: [[null]] }] })
    const map = { columns: {}, values: {}, constants: {}, sheet: 'Data' }
    expect(await partsOf(content)).toEqual({ parts: [{ type: 'costs', name: 'book.xlsx', map }], skipped: [] })
  })

  it('several are each read as a file of their own; hidden ones and others are named', async () => {
    const content = xlsx({
      sheets: [
        { name: '说明', rows: NOTES },
        { name: '费用', rows: COSTS },
        { name: 'Old', rows: COSTS, state: 'hidden' },
        { name: 'Lists', rows: NOTES, state: 'veryHidden' },
        { name: 'Sheet5', rows: DEALS },
        { name: 'June', rows: COSTS },
      ],
    })
    const { parts, skipped } = await partsOf(content)
    expect(parts.map(({ type, name, map }) => [type, name, map?.sheet])).toEqual([
      ['costs', 'book.xlsx [费用]', '费用'],
      ['deals', 'book.xlsx [Sheet5]', 'Sheet5'],
      ['costs', 'book.xlsx [June]', 'June'],
    ])
    expect(skipped).toEqual(['book.xlsx [说明]', 'book.xlsx [Old]', 'book.xlsx [Lists]'])
    const typed = await partsOf(content, { type: 'deals' })
    expect(typed.parts.map(({ name, map }) => [name, map?.sheet])).toEqual([['book.xlsx', 'Sheet5']])
    expect(typed.skipped).toHaveLength(5)
  })

  it('a mapping names the one to read, also a hidden one', async () => {
    const content = xlsx({ sheets: [{ rows: COSTS }, { name: 'Old ', rows: DEALS, state: 'hidden' }] })
    const map = files.parseMapping({ sheet: 'old' }, 'book.xlsx')
    expect(await partsOf(content, { map })).toMatchObject({
      parts: [{ type: 'deals', name: 'book.xlsx', map: { sheet: 'Old' } }],
      skipped: [],
    })
    const missing = await failure(partsOf(content, { map: files.parseMapping({ sheet: 'x' }, 'book.xlsx') }))
    expect(missing.code).toBe('unknown_sheet')
    expect(missing.describe('zh-CN')).toContain('Sheet1')
    // A flat mapping may be about a column of that name.
    expect(files.parseMapping({ sheet: 'note' }, 'x')?.sheet).toBeUndefined()
  })

  it('what is not clear is asked, as for CSV', async () => {
    const two = (rows: Cell[][], name: string) => partsOf(xlsx({ sheets: [{ rows: COSTS }, { name, rows }] }))
    // Its name says what it is, its header lacks a column: not passed over.
    const { parts } = await two(
      [
        ['回款编号', '回款金额'],
        ['P1', 1],
      ],
      '回款',
    )
    expect(parts.map(({ type }) => type)).toEqual(['costs', 'payments'])
    expect(
      (
        await failure(
          load(
            'payments',
            oneSheet([
              ['payment_id', 'amount'],
              ['P1', 1],
            ]),
          ),
        )
      ).code,
    ).toBe('missing_column')
    const unknown = await failure(partsOf(xlsx({ sheets: [{ rows: NOTES }, { name: 'B', rows: NOTES }] })))
    expect(unknown.code).toBe('unknown_type')
    expect(await failure(partsOf(oneSheet([])))).toMatchObject({ code: 'empty_file' })
    expect(await failure(partsOf(oneSheet(COSTS, { state: 'hidden' })))).toMatchObject({ code: 'hidden_sheets' })
  })

  it('a read without a sheet named takes the one of its type', async () => {
    const content = xlsx({ sheets: [{ name: 'Notes', rows: NOTES }, { name: 'D', rows: DEALS }, { rows: COSTS }] })
    expect((await load('deals', content)).records).toMatchObject([{ id: 'D1' }])
    expect((await load('costs', content)).records).toHaveLength(1)
    const context = contextOf('deals', book(content), { name: 'x.xlsx' })
    expect(await files.check(context)).toMatchObject({ name: 'x.xlsx' })
  })
})
