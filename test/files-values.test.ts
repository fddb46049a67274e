import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AmountShape, parseAmount, shapeOf, unitOfHeader } from '../connectors/files/amounts.ts'
import { parseDateFormat } from '../connectors/files/date-format.ts'
import { DateReader } from '../connectors/files/dates.ts'
import { RoiError } from '../src/errors.ts'
import { formatMinor, toMinor } from '../src/model/money.ts'
import { failure, noticeCounts, read, refusals, rows } from './files-kit.ts'

const shanghai = new DateReader({ zone: 'Asia/Shanghai' })
const iso = (text: string, reader = shanghai) => {
  const value = reader.instant(text)
  return typeof value === 'number' ? new Date(value).toISOString() : value.code
}
const amount = (text: string, mark: '.' | ',' = '.') => {
  const value = parseAmount(text, mark)
  return 'amount' in value ? value.amount : value.code
}
const payments = (...dates: string[]) =>
  `payment_id,deal_id,amount,paid_at\n${dates.map((date, i) => `P${i},D,1,${date}\n`).join('')}`
const deals = (...amounts: string[]) => `deal_id;amount\n${amounts.map((value, i) => `D${i};${value}\n`).join('')}`
const amountsOf = async (content: string, options = {}) =>
  (await rows('deals', content, options)).map((deal) => (deal.amount as { amount: string }).amount)

describe('dates', () => {
  it.each([
    ['2026-01-31', '2026-01-30T16:00:00.000Z'],
    ['2026/1/31', '2026-01-30T16:00:00.000Z'],
    ['2026.1.31', '2026-01-30T16:00:00.000Z'],
    ['2026年1月31日', '2026-01-30T16:00:00.000Z'],
    ['２０２６年１月３１日', '2026-01-30T16:00:00.000Z'],
    ['20260131', '2026-01-30T16:00:00.000Z'],
    ['46053', '2026-01-30T16:00:00.000Z'],
    ['46053.5', '2026-01-31T04:00:00.000Z'],
    ['31 Jan 2026', '2026-01-30T16:00:00.000Z'],
    ['Jan 31, 2026 3:05 PM', '2026-01-31T07:05:00.000Z'],
    ['2026-01-31 10:30', '2026-01-31T02:30:00.000Z'],
    ['2026-01-31T10:30:05.250', '2026-01-31T02:30:05.250Z'],
    ['2026-01-31T10:30:05Z', '2026-01-31T10:30:05.000Z'],
    ['2026-01-31T10:30:05+08:00', '2026-01-31T02:30:05.000Z'],
    ['2026-01-31 10:30:05 -0530', '2026-01-31T16:00:05.000Z'],
    ['2026/1/31 下午3:05', '2026-01-31T07:05:00.000Z'],
    ['2026年1月31日 15时05分', '2026-01-31T07:05:00.000Z'],
    ['2026/1/31 12:00:00 AM', '2026-01-30T16:00:00.000Z'],
    ['2026/1/31 12:10 PM', '2026-01-31T04:10:00.000Z'],
    ['1769826600', '2026-01-31T02:30:00.000Z'],
    ['1769826600000', '2026-01-31T02:30:00.000Z'],
    ['5/5/2026', '2026-05-04T16:00:00.000Z'],
  ])('%s is %s', (text, expected) => expect(iso(text)).toBe(expected))

  it.each([
    '2026-02-30',
    '2026/13/1',
    '30/02/2026',
    'soon',
    '2026',
    '12',
    '99999999',
    '2026-01-31 25:00',
    '2026/1/31 13:00 AM',
    '0000-00-00',
  ])('%s is refused', (text) => expect(iso(text)).toBe('bad_date'))

  it('asks for four digits of a year', async () => {
    expect(iso('1/2/26')).toBe('ambiguous_year')
    const short = new DateReader({ zone: 'UTC', format: parseDateFormat('D/M/YY') })
    expect(iso('1/2/26', short)).toBe('2026-02-01T00:00:00.000Z')
    expect(iso('1/2/99', short)).toBe('1999-02-01T00:00:00.000Z')
  })

  it('any instant written with its zone, or as local time, comes back', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe')
    const times = fc.integer({ min: Date.UTC(1992, 0), max: Date.UTC(2040, 0) })
    fc.assert(
      fc.property(zones, times, (zone, time) => {
        const reader = new DateReader({ zone })
        expect(reader.instant(new Date(time).toISOString())).toBe(time)
        const seconds = Math.floor(time / 1000) * 1000
        const local = new Date(seconds).toLocaleString('sv-SE', { timeZone: zone })
        const back = reader.instant(local) as number
        // One hour of the year happens twice; then the first is meant, and it shows the same wall clock.
        expect(new Date(back).toLocaleString('sv-SE', { timeZone: zone })).toBe(local)
        expect(seconds - back).toBeLessThanOrEqual(3_600_000)
        expect(reader.day(new Date(time).toISOString())).toBe(
          new Date(time).toLocaleString('sv-SE', { timeZone: zone }).slice(0, 10),
        )
      }),
    )
  })

  it('every spelling of a day is the same day', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1991-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
          const day = date.toISOString().slice(0, 10)
          const serial = Math.floor((date.getTime() - Date.UTC(1899, 11, 30)) / 86_400_000)
          for (const text of [day, `${y}/${m}/${d}`, `${y}.${m}.${d}`, `${y}年${m}月${d}日`, String(serial)]) {
            expect(shanghai.day(text)).toBe(day)
          }
          expect(new DateReader({ zone: 'UTC', order: 'MDY' }).day(`${m}/${d}/${y}`)).toBe(day)
          expect(new DateReader({ zone: 'UTC', order: 'DMY' }).day(`${d}.${m}.${y}`)).toBe(day)
          expect(new DateReader({ zone: 'UTC', format: parseDateFormat('DD-MM-YYYY') }).day(`${d}-${m}-${y}`)).toBe(day)
        },
      ),
    )
  })

  it('the column proves its order, also by its last row, and says so', async () => {
    const result = await read('payments', payments(...Array.from({ length: 5000 }, () => '01/02/2026'), '01/13/2026'), {
      chunk: 4096,
    })
    expect((result.records[0] as { paidAt: Date }).paidAt.toISOString()).toBe('2026-01-01T16:00:00.000Z')
    expect(noticeCounts(result)).toEqual(['date_order 1'])
    expect(result.notices[0]!.message.en).toMatch(/M\/D\/YYYY: 01\/13\/2026 in line 5002/)
  })

  it('asks when nothing proves the order, or both are proven', async () => {
    const open = await failure(read('payments', payments('01/02/2026', '3/3/2026')))
    expect(open.code).toBe('ambiguous_dates')
    expect(open.remedy?.en).toContain('--date-format D/M/YYYY')
    const both = await failure(read('payments', payments('13/02/2026', '02/14/2026')))
    expect(both.text.en).toMatch(/line 3.*line 2/)
    const [record] = await rows('payments', payments('01/02/2026'), { dateFormat: 'D/M/YYYY' })
    expect((record!.paidAt as Date).toISOString()).toBe('2026-01-31T16:00:00.000Z')
  })

  it('decides each column for itself', async () => {
    const file = 'contact_id,created_at,lead_at\nC1,1/13/2026,13/1/2026\nC2,1/2/2026,1/2/2026\n'
    const [, second] = await rows('contacts', file)
    expect((second!.createdAt as Date).toISOString()).toBe('2026-01-01T16:00:00.000Z')
    expect((second!.leadAt as Date).toISOString()).toBe('2026-01-31T16:00:00.000Z')
  })

  it('a date format also reads dates that leave no doubt, with and without time', async () => {
    const records = await rows('payments', payments('31.01.2026', '2026-01-31', '31.01.2026 10:00', '01.02.2026'), {
      dateFormat: 'dd.mm.yyyy',
    })
    expect(records.map(({ paidAt }) => (paidAt as Date).toISOString())).toEqual([
      '2026-01-30T16:00:00.000Z',
      '2026-01-30T16:00:00.000Z',
      '2026-01-31T02:00:00.000Z',
      '2026-01-31T16:00:00.000Z',
    ])
  })

  it.each(['MM/YYYY', 'D/M/Q', '', 'YYYY-MM-DD DD', 'H:h D/M/YYYY'])('refuses the format %j', (format) => {
    expect(() => parseDateFormat(format)).toThrow(RoiError)
  })

  it('a touch and a close on the same date-only day are at the same instant', async () => {
    const [touch] = await rows('touches', 'touch_id,contact_id,occurred_at\nT,C,2026-05-20\n')
    const [deal] = await rows('deals', 'deal_id,closed_at\nD,2026/5/20\n')
    expect(touch!.occurredAt).toEqual(deal!.closedAt)
  })

  it('reports implausible dates and keeps them', async () => {
    const result = await read('payments', payments('1980-01-01', '2031-01-01', '2026-01-01'))
    expect(result.records).toHaveLength(3)
    expect(noticeCounts(result)).toEqual(['implausible_date 2'])
    expect(result.notices[0]!.example).toBe('line 2')
  })
})

describe('amounts', () => {
  it.each([
    ['1234.50', '1234.50'],
    ['1,234.50', '1234.50'],
    ['1,234', '1234'],
    ['1.234', '1.234'],
    ['12,34,567.8', '1234567.8'],
    ['¥1,234.50', '1234.50'],
    ['￥１，２３４．５０', '1234.50'],
    ['$ 1 234', '1234'],
    ["1'234.50 CHF", '1234.50'],
    ['(1,234.50)', '-1234.50'],
    ['（100）', '-100'],
    ['−3.5', '-3.5'],
    ['-¥3', '-3'],
    ['¥-3', '-3'],
    ['3-', '-3'],
    ['1.5万元', '15000'],
    ['¥0.12345万', '1234.5'],
    ['2亿', '200000000'],
    ['100元', '100'],
    ['USD 100', '100'],
    ['.5', '0.5'],
    ['007', '7'],
    ['-0', '0'],
  ])('%s is %s', (text, expected) => expect(amount(text)).toBe(expected))

  it.each([
    '1.2E+06',
    '1E5',
    'NaN',
    'Infinity',
    'abc',
    '1,23',
    '1.2.3',
    '--1',
    '(-1)',
    '(1',
    '1,,234',
    '12,3456.7',
    '#REF!',
    '0x10',
    '-',
  ])('%s is refused', (text) => expect(amount(text)).toBe('bad_amount'))

  it('reads a decimal comma once the column is known to have one', () => {
    expect(amount('1.234,50', ',')).toBe('1234.50')
    expect(amount('1.234', ',')).toBe('1234')
    expect(amount('1,5', ',')).toBe('1.5')
  })

  it.each([
    ['1234', AmountShape.plain],
    ['1.234,50', AmountShape.comma],
    ['1,234.50', AmountShape.point],
    ['1,5', AmountShape.comma],
    ['0,123', AmountShape.comma],
    ['1.234.567', AmountShape.comma],
    ['1,234,567', AmountShape.point],
    ['1.234', AmountShape.pointThree],
    ['1,234', AmountShape.commaThree],
    ['1234.567', AmountShape.point],
  ])('the marks of %s tell shape %i', (text, shape) => expect(shapeOf(text)).toBe(shape))

  it('every money value comes back exactly, however it is written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -9_000_000_000_000_000n, max: 9_000_000_000_000_000n }), (minor) => {
        const plain = formatMinor(minor, 'CNY')
        const [whole = '', cents = ''] = plain.replace('-', '').split('.')
        const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
        const sign = minor < 0n ? '-' : ''
        const back = (text: string, mark: '.' | ',' = '.') => toMinor({ amount: amount(text, mark), currency: 'CNY' })
        expect(back(plain)).toBe(minor)
        expect(back(`${sign}¥${grouped}.${cents}`)).toBe(minor)
        expect(back(`${sign}${grouped.replaceAll(',', '.')},${cents}`, ',')).toBe(minor)
        expect(back(minor < 0n ? `(${grouped}.${cents})` : `${grouped}.${cents}元`)).toBe(minor)
        const wan = `${sign}${whole.padStart(5, '0').slice(0, -4)}.${whole.padStart(5, '0').slice(-4)}${cents}万`
        expect(back(wan)).toBe(minor)
      }),
    )
  })

  it('the column proves the decimal mark and says so', async () => {
    const result = await read('deals', deals('1.234,50', '1.234', '7'))
    expect(result.records.map((deal) => deal.type === 'deal' && deal.amount?.amount)).toEqual(['1234.50', '1234', '7'])
    expect(result.notices.find(({ code }) => code === 'decimal_comma')?.message.en).toContain('1.234,50 in line 2')
  })

  it('asks when the column contradicts itself', async () => {
    const error = await failure(read('deals', deals('1.234,50', '1,234.50')))
    expect(error.code).toBe('ambiguous_amounts')
    expect(error.text.en).toMatch(/line 2.*line 3/)
    expect((await failure(read('deals', deals('12,50', '1,234')))).code).toBe('ambiguous_amounts')
    expect(await amountsOf(deals('12,50', '1,234'), { map: { decimal: ',' } })).toEqual(['12.50', '1.234'])
  })

  it('takes 1,234 as a thousand and 1.234 as a decimal, and mentions the latter', async () => {
    expect(await amountsOf(deals('1,234', '5'))).toEqual(['1234', '5'])
    const result = await read('deals', deals('1.234', '5'))
    expect(result.notices.map(({ code }) => code)).toContain('three_decimals')
  })

  it('reads the unit of a header', async () => {
    expect(unitOfHeader('金额（万元）')).toBe(4)
    expect(await amountsOf('商机编号,金额（万元）\nD1,1.5\n')).toEqual(['15000'])
    expect(await amountsOf('商机编号,金额(元)\nD1,1.5\n')).toEqual(['1.5'])
  })

  it('takes the currency from its column, the cell or the workspace', async () => {
    const file =
      'deal_id,amount,currency\nD1,1,usd\nD2,1,人民币\nD3,USD 1,\nD4,1,\nD5,$1,\nD6,1,XXY\nD7,EUR 1,USD\nD8,,XXY\n'
    const result = await read('deals', file)
    expect(result.records.map((deal) => deal.type === 'deal' && deal.amount?.currency)).toEqual([
      'USD',
      'CNY',
      'USD',
      'CNY',
      'CNY',
      undefined,
    ])
    expect(refusals(result)).toEqual(['7 unknown_currency currency', '8 currency_conflict amount'])
    expect(noticeCounts(result)).toContain('currency_symbol 1')
  })

  it('refuses more money than can be kept exactly', async () => {
    const result = await read('deals', deals('90000000000000.00', '90000000000000.01', '9e20', '1'.repeat(30)))
    expect(refusals(result)).toEqual(['3 amount_too_large amount', '4 bad_amount amount', '5 amount_too_large amount'])
  })
})
