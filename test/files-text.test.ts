import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sniffDelimiter } from '../connectors/files/delimiter.ts'
import { detectEncoding } from '../connectors/files/encoding.ts'
import { failure, noticeCounts, opener, read, refusals, rows } from './files-kit.ts'

/** 渠道,中文 in GB18030. */
const GB = Buffer.from('b9abcbbe', 'hex') // 公司
const gbAccounts = Buffer.concat([Buffer.from('account_id,name\nA1,'), GB, Buffer.from('\n')])

describe('encoding', () => {
  it('reads UTF-8 with and without byte order mark, whatever chunk border cuts a character', async () => {
    for (const chunk of [1, 2, 3, 5, 1000]) {
      for (const mark of ['', '\ufeff']) {
        const [record] = await rows('accounts', `${mark}account_id,name\nA1,深圳 🚀 שלום\n`, { chunk })
        expect(record).toEqual({ type: 'account', id: 'A1', name: '深圳 🚀 שלום' })
      }
    }
  })

  it('reads UTF-16 in both byte orders, also without mark', async () => {
    const little = Buffer.from('account_id\tname\r\nA1\t公司😀\r\n', 'utf16le')
    const mark = Buffer.from([0xff, 0xfe])
    const big = (bytes: Buffer) => Buffer.from(bytes).swap16()
    for (const bytes of [Buffer.concat([mark, little]), big(Buffer.concat([mark, little])), little, big(little)]) {
      expect(await rows('accounts', bytes, { chunk: 3 })).toEqual([{ type: 'account', id: 'A1', name: '公司😀' }])
    }
  })

  it('reads GB18030 and says so', async () => {
    const result = await read('accounts', gbAccounts, { chunk: 1 })
    expect(result.records).toEqual([{ type: 'account', id: 'A1', name: '公司' }])
    expect(noticeCounts(result)).toEqual(['file_encoding 1'])
    expect(result.notices[0]!.message.en).toContain('GB18030')
  })

  it('refuses only the rows of a UTF-8 file that hold broken bytes, however late', async () => {
    const good = Array.from({ length: 20_000 }, (_, i) => `A${i},公司${i}\n`).join('')
    const file = Buffer.concat([
      Buffer.from(`account_id,name\n${good}B1,`),
      Buffer.from([0xe5, 0x85]),
      Buffer.from(',\nB2,好\n'),
    ])
    const result = await read('accounts', file, { chunk: 65_536 })
    expect(refusals(result)).toEqual(['20002 bad_encoding'])
    expect(result.records).toHaveLength(20_001)
    expect(JSON.stringify(result.records)).not.toContain('\ufffd')
  })

  it('names the remedy when no encoding fits', async () => {
    const latin = Buffer.from('account_id,name\nA1,caf\xe9\n', 'latin1')
    const error = await failure(read('accounts', latin))
    expect(error.code).toBe('bad_encoding')
    expect(error.remedy?.en).toContain('CSV UTF-8')
  })

  it('removes U+0000 and replaces half an emoji', async () => {
    const [record] = await rows('accounts', `account_id,name\nA1,Ac\u0000me\n${',,\n'.repeat(50)}`)
    expect(record!.name).toBe('Acme')
    const half = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('account_id,name\nA1,x\ud83dy\n', 'utf16le')])
    const result = await read('accounts', half)
    expect(result.records).toEqual([{ type: 'account', id: 'A1', name: 'x\ufffdy' }])
    expect(noticeCounts(result)).toEqual(['broken_characters 1'])
  })

  it.each([
    ['a gzip file', Buffer.from('1f8b0800000000000000', 'hex')],
    ['a PDF file', Buffer.from('%PDF-1.7 ...')],
    ['a web page', Buffer.from('<html><table><tr><td>account_id</td></tr></table>')],
    ['zero bytes', Buffer.concat([Buffer.from('abc'), Buffer.alloc(50), Buffer.from('def')])],
  ])('refuses %s with what to do', async (_, bytes) => {
    const error = await failure(read('accounts', bytes))
    expect(error.code).toBe('not_csv')
    expect(error.describe('zh-CN')).toContain('CSV UTF-8')
  })

  it('refuses an empty file and reads a header alone as no rows', async () => {
    expect((await failure(read('accounts', ''))).code).toBe('empty_file')
    expect((await failure(read('accounts', '\n\n'))).code).toBe('empty_file')
    const result = await read('accounts', 'account_id,name\n')
    expect(result.records).toEqual([])
    expect(noticeCounts(result)).toEqual(['no_rows 1'])
    expect(result.pages[0]!.cursor).toBe('0')
  })

  it('any text in UTF-8 is seen as UTF-8', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (text, chunk) => {
          // A zero byte here and there, or a mark of another encoding, is a different case.
          fc.pre(!text.includes('\u0000') && !text.startsWith('<') && !text.startsWith('PK'))
          expect((await detectEncoding(opener(`${text} and more`, chunk))).name).toBe('utf-8')
        },
      ),
    )
  })
})

describe('separators, quotes and lines', () => {
  it.each([',', ';', '\t', '|'])('finds the separator %j', async (d) => {
    const text = `deal_id${d}name${d}amount\nD1${d}"a, b; c | d\te"${d}"1234.50"\nD2${d}x${d}3\n`
    expect(sniffDelimiter(text)).toBe(d)
    expect((await rows('deals', text)).map(({ name }) => name)).toEqual(['a, b; c | d\te', 'x'])
  })

  it('takes semicolons when the amounts hold commas', () => {
    expect(sniffDelimiter('id;amount;note\n1;1,5;a, b\n2;2,5;c\n')).toBe(';')
    expect(sniffDelimiter('id')).toBe(',')
  })

  it("follows Excel's own sep= line", async () => {
    const result = await read('accounts', 'sep=;\r\naccount_id;name\r\nA1;Acme\r\n;x\r\n')
    expect(result.records).toHaveLength(1)
    expect(refusals(result)).toEqual(['4 missing_value account_id'])
  })

  it('names the physical line a record starts at, also after quoted line breaks', async () => {
    const file = '"account\n_id",name\nA1,"one\r\ntwo\r\nthree"\n\n,x\nA2,"a ""quoted"" word"\n,y\n'
    const result = await read('accounts', file, { chunk: 1 })
    expect(result.records.map((record) => 'name' in record && record.name)).toEqual([
      'one\r\ntwo\r\nthree',
      'a "quoted" word',
    ])
    expect(refusals(result)).toEqual(['7 missing_value account_id', '9 missing_value account_id'])
  })

  it('refuses ragged rows, but not blanks at the end', async () => {
    const result = await read('accounts', 'account_id,name,,\nA1,one,,\nA2\nA3,three,x\nA4,four\n,,,\n')
    expect(refusals(result)).toEqual(['3 too_few_cells', '4 too_many_cells'])
    expect(result.records).toHaveLength(2)
    expect(result.rejected[1]!.raw).toBe('A3,three,x')
  })

  it('keeps what stands before a quote that is never closed, and names its line', async () => {
    const result = await read('accounts', 'account_id,name\nA1,one\nA2,"two\nA3,three\n')
    expect(result.records).toHaveLength(1)
    expect(refusals(result)).toEqual(['3 unclosed_quote'])
  })

  it('reads stray quotes, mixed line ends and spaces before quotes', async () => {
    const result = await rows('accounts', 'account_id,name\r\nA1,5" screen\nA2, "x, y"\rA3,z')
    expect(result.map(({ name }) => name)).toEqual(['5" screen', 'x, y', 'z'])
  })

  it('keeps formula-like cells as text', async () => {
    const [record] = await rows('accounts', 'account_id,name,note\nA1,"=HYPERLINK(""x"")",+1\n')
    expect(record).toEqual({ type: 'account', id: 'A1', name: '=HYPERLINK("x")', attributes: { note: '+1' } })
  })

  it('any table of any text comes back as it was', async () => {
    const cell = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map((text) => `x${text.replaceAll('\0', '').replaceAll('\r', '')}x`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.integer({ min: 1, max: 50 }),
        async (names, d, chunk) => {
          const body = names.map((name, i) => `A${i}${d}"${name.replaceAll('"', '""')}"\n`).join('')
          const records = await rows('accounts', `account_id${d}name\n${body}`, { chunk })
          expect(records.map(({ name }) => name)).toEqual(names)
        },
      ),
    )
  })
})
