import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  builtInFormat,
  cellText,
  dateText,
  durationText,
  formatOf,
  numberText,
} from '../connectors/files/xlsx/cells.ts'

describe('numbers', () => {
  it.each([
    ['0.30000000000000004', '0.3'],
    ['1.1000000000000001', '1.1'],
    ['12', '12'],
    ['12.0', '12'],
    ['-0.5', '-0.5'],
    ['-0', '0'],
    ['1E2', '100'],
    ['1.5E-7', '0.00000015'],
    ['5.5511151231257827E-17', '0.0000000000000000555111512312578'],
    ['999999999999999', '999999999999999'],
    ['13800000001', '13800000001'],
    // The 16th digit is no longer kept, so the form is one that ids and amounts refuse.
    ['1000000000000000', '1.0E+15'],
    ['1234567890123456789', '1.23456789012346E+18'],
    ['1.23456789012345E+18', '1.23456789012345E+18'],
    ['-2E+15', '-2.0E+15'],
  ])('%s is %s', (raw, text) => expect(numberText(raw)).toBe(text))

  it.each(['', 'abc', '0x10', '1e400', 'NaN', 'Infinity', '1,5', '１２'])('%j is none', (raw) =>
    expect(numberText(raw)).toBeUndefined(),
  )

  it('every decimal of up to 15 digits comes back as it was, whatever is stored for it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), fc.nat(15), (digits, places) => {
        const whole = String(digits < 0 ? -digits : digits).padStart(places + 1, '0')
        const cut = whole.length - places
        const fraction = whole.slice(cut).replace(/0+$/, '')
        const text = `${digits < 0 ? '-' : ''}${whole.slice(0, cut)}${fraction && `.${fraction}`}`
        expect(numberText(Number(text).toPrecision(17))).toBe(text)
      }),
    )
  })
})

describe('dates', () => {
  it.each([
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [60, '1900-02-29'],
    [61, '1900-03-01'],
    [46_023, '2026-01-01'],
    [46_023.5, '2026-01-01T12:00:00'],
    [46_023 + 0.999999999, '2026-01-02'],
    [46_023 + 1 / 86_400, '2026-01-01T00:00:01'],
    [2_958_465, '9999-12-31'],
    [0.25, '06:00:00'],
    [0, '00:00:00'],
  ])('%d is %s', (day, text) => expect(dateText(day, false)).toBe(text))

  it.each([
    [1, '1904-01-02'],
    [44_561, '2026-01-01'],
    [44_561.75, '2026-01-01T18:00:00'],
  ])('%d is %s in the calendar of 1904', (day, text) => expect(dateText(day, true)).toBe(text))

  it.each([-1, 2_958_466, 1e15])('%d is no date', (day) => expect(dateText(day, false)).toBeUndefined())

  it('every second since March 1900 is that second', () => {
    const from = Date.UTC(1900, 2, 1) / 1000
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8_000_000_000 }), fc.boolean(), (since, date1904) => {
        const iso = new Date((from + since) * 1000).toISOString().slice(0, 19)
        const day = (from + since) / 86_400 + 25_569 - (date1904 ? 1462 : 0)
        fc.pre(day >= 1)
        // Spreadsheets keep 15 to 17 digits.
        expect(dateText(Number(day.toPrecision(16)), date1904)).toBe(iso.replace('T00:00:00', ''))
      }),
    )
  })

  it('lengths of time have more than 24 hours', () => {
    expect([1.5, 0.5, -0.25, 100].map(durationText)).toEqual(['36:00:00', '12:00:00', '-06:00:00', '2400:00:00'])
  })
})

describe('number formats', () => {
  it.each([
    'yyyy-mm-dd',
    'yyyymmdd',
    'm/d/yy h:mm',
    'd-mmm-yy',
    'yyyy"年"m"月"d"日"',
    'yyyy年m月d日',
    '[$-804]yyyy"年"m"月"d"日";@',
    '[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy',
    'h:mm AM/PM',
    '上午/下午h:mm',
    'mm:ss.0',
    'YYYY/MM/DD',
    '[Red]yyyy-mm-dd;@',
    '[$-411]ge.m.d',
    'aaaa',
  ])('%s is a date', (code) => expect(formatOf(code)).toBe('date'))

  it.each([
    'General',
    '0.00',
    '#,##0.00',
    '0%',
    '0.00E+00',
    '[$$-409]#,##0.00',
    '¥#,##0.00;[Red]-¥#,##0.00',
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    '0.00 "days"',
    '0.00 USD',
    '0\\d',
    '@',
    '[Blue]0',
    '',
    '# ?/?',
  ])('%s is a number', (code) => expect(formatOf(code)).toBe('number'))

  it.each(['[h]:mm:ss', '[mm]:ss', '[ss].00'])('%s is a length of time', (code) =>
    expect(formatOf(code)).toBe('duration'),
  )

  it('digits that are filled up with zeros are counted', () => {
    expect([formatOf('00000'), formatOf('0'), formatOf('00.0')]).toEqual([5, 'number', 'number'])
  })

  it('knows the ones that have no code', () => {
    expect([0, 1, 2, 9, 14, 22, 31, 45, 46, 49, 57].map(builtInFormat)).toEqual([
      'number',
      'number',
      'number',
      'number',
      'date',
      'date',
      'date',
      'date',
      'duration',
      'number',
      'date',
    ])
  })
})

it('text has no escapes, no zero characters, no halves of characters and no blanks around it', () => {
  expect(cellText(' a_x000D_\nb_x0000__xD83D_ ')).toBe('a\r\nb\ufffd')
  expect(cellText('_x005F_x0041_')).toBe('_x0041_')
  expect(cellText('_xD83D__xDE00_')).toBe('😀')
})
