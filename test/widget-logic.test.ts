import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sortRows } from '../widget/blocks/channel-model.ts'
import { scaleOf } from '../widget/charts/scale.ts'
import { difference, fromScaled, hasFraction, toScaled } from '../widget/decimal.ts'
import { Format } from '../widget/format.ts'
import { languageOf } from '../widget/languages.ts'
import en from '../widget/locales/en.ts'
import zh from '../widget/locales/zh-CN.ts'
import { isRelative, resolvePeriod } from '../widget/period.ts'
import { nextItem } from '../widget/roving.ts'
import { keep, recall, snapshotKey } from '../widget/snapshot.ts'
import { squeeze } from '../widget/squeeze.ts'
import { inSentence, safe } from '../widget/text.ts'
import { buildPanel } from './e2e/support/panel-fixture.ts'

describe('numbers', () => {
  const format = new Format('zh-CN', 'CNY', 2, 'Asia/Shanghai')

  it.each([
    [452.9411, '452.9%'],
    [-66.666, '−66.7%'],
    [-0.04, '0.0%'],
    [999.94, '999.9%'],
    [999.95, '1,000%'],
    [-1078.3, '−1,078%'],
  ])('percent %d', (value, text) => expect(format.percent(value)).toBe(text))

  it.each([
    ['940000.00', '¥940,000'],
    ['-1234.5', '−¥1,235'],
    ['12.30', '¥12.30'],
    ['12.00', '¥12'],
    ['10000000', '¥1000万'],
    ['1000000000000000.00', '¥1000万亿'],
  ])('money %s', (value, text) => expect(format.money(value)).toBe(text))

  it('keeps every cent of a large amount', () => {
    expect(format.exact('90071992547409.93')).toBe('¥90,071,992,547,409.93')
    expect(new Format('en', 'CNY', 2, 'UTC').money('12345678')).toBe('¥12.35M')
  })

  it('writes counts without decimals unless a model splits them', () => {
    expect([format.count(15), format.count(14.9999999999), format.count(14.62)]).toEqual(['15', '15', '14.6'])
    expect(format.digitsFor(['1.00', '2.50'])).toBe(2)
    expect(format.digitsFor(['1.00', '2.00'])).toBe(0)
  })

  it('writes instants in the zone of the workspace', () => {
    expect(format.day('2025-12-31T16:00:00Z')).toBe('2026-01-01')
    expect(format.time('2001-02-03T04:05:00Z')).toBe('2001-02-03 12:05')
  })

  it('adds and subtracts decimal strings exactly', () => {
    expect(difference('0.10', '0.20', '0.30', 2)).toBe('0.00')
    expect(difference('9007199254740993.01', '0.02', '0.00', 2)).toBe('9007199254740993.03')
    expect(hasFraction('10.00')).toBe(false)
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: 0, max: 4 }),
        (scaled, digits) => {
          expect(toScaled(fromScaled(scaled, digits), digits)).toBe(scaled)
        },
      ),
    )
  })
})

describe('periods', () => {
  const now = new Date('2026-03-31T17:00:00Z')

  it.each([
    ['all', null, null],
    ['2026-01-01..2026-04-01', '2026-01-01', '2026-04-01'],
    ['2026-01-01..', '2026-01-01', null],
    ['..2026-01-01', null, '2026-01-01'],
    ['this-month', '2026-04-01', '2026-04-02'],
    ['last-month', '2026-03-01', '2026-04-01'],
    ['this-quarter', '2026-04-01', '2026-04-02'],
    ['last-quarter', '2026-01-01', '2026-04-01'],
    ['this-year', '2026-01-01', '2026-04-02'],
    ['last-year', '2025-01-01', '2026-01-01'],
    [' This-Month ', '2026-04-01', '2026-04-02'],
    ['2026-02-30..2026-04-01', null, null],
    ['2026-04-01..2026-01-01', null, null],
    ['next-week', null, null],
    ['', null, null],
  ])('%s', (text, from, to) => expect(resolvePeriod(text, 'Asia/Shanghai', now)).toEqual({ from, to }))

  it('depends on the zone only when it is relative', () => {
    expect(resolvePeriod('last-month', 'UTC', now)).toEqual({ from: '2026-02-01', to: '2026-03-01' })
    expect([isRelative('last-month'), isRelative('2026-01-01..')]).toEqual([true, false])
  })
})

describe('names', () => {
  it('lose what turns the direction, and their excess', () => {
    expect(safe('\u202Egpj.exe\u202C 展会')).toBe('gpj.exe 展会')
    expect(safe('a\u0000b\r\nc')).toBe('a b c')
    expect([...safe('长'.repeat(10_000))]).toHaveLength(120)
    expect(safe('👩‍👩‍👧‍👦')).toBe('👩‍👩‍👧‍👦')
  })

  it('that run right to left are isolated in a sentence', () => {
    expect(inSentence('قناة')).toBe('\u2068قناة\u2069')
    expect(inSentence('邮件')).toBe('邮件')
  })

  it('choose the language', () => {
    expect([languageOf('zh-Hant'), languageOf('', null, 'en-GB'), languageOf('fr'), languageOf(undefined)]).toEqual([
      'zh-CN',
      'en',
      'en',
      'en',
    ])
  })
})

describe('words', () => {
  it('are complete in both languages', () => {
    const leaves = (value: object, path = ''): string[] =>
      Object.entries(value).flatMap(([key, each]) =>
        each !== null && typeof each === 'object' ? leaves(each, `${path}${key}.`) : [`${path}${key}`],
      )
    const optional = /^drawer\.(fields|values)\./
    const keys = (words: object) =>
      leaves(words)
        .filter((key) => !optional.test(key))
        .sort()
    expect(keys(zh)).toEqual(keys(en))
    expect(Object.keys(zh.drawer.fields).sort()).toEqual(Object.keys(en.drawer.fields).sort())
  })

  it('put one space between Han and Latin, and full-width punctuation', () => {
    const finding = zh.channels.findTwo({ name: 'Facebook', value: '120.0%' }, { name: '展会A', value: '60.0%' })
    expect(finding).toBe('Facebook 回报最高，120.0%；展会 A 收入最多，占 60.0%')
    expect(zh.spread.finding(3, ['TikTok'], 0)).toBe('3 个渠道的结论不随模型改变；TikTok 取决于模型')
  })

  it('agree in number in English', () => {
    expect(en.spread.finding(1, [], 0)).toBe('1 channel holds under every model')
    expect(en.spread.finding(0, ['A', 'B'], 1)).toBe('A and B depend on the model')
    expect(en.spread.finding(2, ['A', 'B', 'C'], 0)).toBe(
      '2 channels hold under every model; A, B and 1 more depend on it',
    )
  })
})

describe('table', () => {
  it('sorts n/a last in both directions and leaves its input alone', () => {
    const { rows } = buildPanel({
      channels: [
        { key: 'a', label: 'a', cost: null, leads: 1, won: 1, revenue: 10 },
        { key: 'b', label: 'b', cost: 10, leads: 1, won: 1, revenue: 5 },
        { key: 'c', label: 'c', cost: 10, leads: 1, won: 1, revenue: 50 },
      ],
    }).views.u_milestone
    const order = (descending: boolean) => sortRows(rows, { column: 'roi', descending }, 'en').map(({ key }) => key)
    expect(order(true)).toEqual(['c', 'b', 'a'])
    expect(order(false)).toEqual(['b', 'c', 'a'])
    expect(rows.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  })

  it('draws every value inside the width, zero included', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1 }), (values) => {
        const scale = scaleOf([...values, null])
        for (const value of [...values, 0]) {
          expect(scale.at(value)).toBeGreaterThanOrEqual(0)
          expect(scale.at(value)).toBeLessThanOrEqual(100)
        }
      }),
    )
  })

  it('moves between items without wrapping', () => {
    expect(nextItem(['a', 'b'], 'b', 'ArrowDown')).toBe('b')
    expect(nextItem(['a', 'b'], 'b', 'Home')).toBe('a')
    expect(nextItem(['a', 'b'], 'a', 'x')).toBeNull()
  })
})

describe('snapshots', () => {
  const jwt = (payload: object, signature: string) => `e30.${btoa(JSON.stringify(payload))}.${signature}`

  it('are found again by the same user with a new token, not by another', () => {
    const key = (token: string) => snapshotKey(['', 'main', 'all', 'en'], token)
    expect(key(jwt({ sub: 'u1', jti: '1' }, 'a'))).toBe(key(jwt({ sub: 'u1', jti: '2' }, 'b')))
    expect(key(jwt({ sub: 'u1' }, 'a'))).not.toBe(key(jwt({ sub: 'u2' }, 'a')))
    expect(key('opaque')).not.toBe(key(''))
    expect(key('secret')).toMatch(/^[0-9a-z]+$/)
  })

  it('live in memory where there is no storage', () => {
    const panel = buildPanel()
    keep('k', panel)
    expect(recall('k')).toBe(panel)
    expect(recall('other')).toBeNull()
  })
})

describe('squeezed templates', () => {
  it('keep spaces between words and inline tags, lose the rest', () => {
    expect(squeeze('\n  <div>\n    <b>a</b>\n    <i>b</i> c\n  </div>\n', false)).toBe('<div><b>a</b> <i>b</i> c</div>')
    expect(squeeze('a {\n  color: red; /* why */\n  margin: 0 auto;\n}\n', true)).toBe('a{color:red;margin:0 auto}')
  })
})
