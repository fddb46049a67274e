import { expect, test } from 'vitest'
import { failure, noticeCounts, read, rows } from './files-kit.ts'

/**
 * Files as spreadsheets of all countries write them (reliability.md §4, F27): detected or asked, never guessed. One row
 * each for what files-text, files-values and files-import test at length.
 */

const HEADER = 'date,amount,category,note'
const NOTE = '展会 "A", 第一行\n第二行'
const quoted = `"${NOTE.replaceAll('"', '""')}"`
const text = (separator: string, amount: string) =>
  `${HEADER.replaceAll(',', separator)}\n2026-03-01${separator}${amount}${separator}event${separator}${quoted}\n`

/** 展会,￥ and the like in GB18030. */
const GB = Buffer.concat([
  Buffer.from('date,amount,category,note\n2026-03-01,1234.50,event,'),
  Buffer.from([0xd5, 0xb9, 0xbb, 0xe1]),
  Buffer.from('\n'),
])

test.each([
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text(',', '"1,234.50"')}`), NOTE],
  ['UTF-16 little endian', Buffer.from(`\ufeff${text(',', '"1,234.50"')}`, 'utf16le'), NOTE],
  ['semicolons and a decimal comma', Buffer.from(text(';', '1.234,50')), NOTE],
  ['tabs', Buffer.from(text('\t', '1234.50')), NOTE],
  ['a currency sign', Buffer.from(text(',', '"¥1,234.50"')), NOTE],
  ['GB18030', GB, '展会'],
])('F27 %s: detected', async (_, content, note) => {
  expect(await rows('costs', content)).toMatchObject([{ amount: { amount: '1234.50' }, note }])
})

test('F27 GB18030 is named, so that a wrong guess would be seen', async () => {
  expect(noticeCounts(await read('costs', GB))).toContain('file_encoding 1')
})

test.each([
  ['dates', '3/4/2026,10,ads', 'ambiguous_dates'],
  ['amounts', '2026-03-01,"12,5",ads\n2026-03-02,"1,234",ads', 'ambiguous_amounts'],
])('F27 %s that can be read in two ways: asked, nothing is read', async (_, lines, code) => {
  const error = await failure(read('costs', `date,amount,category\n${lines}\n`))
  expect(error.code).toBe(code)
  expect(error.remedy).toBeDefined()
})
