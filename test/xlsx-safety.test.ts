import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import files from '../connectors/files/index.ts'
import { runChild } from '../connectors/files/xlsx/run.ts'
import type { RoiError } from '../src/errors.ts'
import { contextOf, failure, opener, read } from './files-kit.ts'
import { temporaryFolder } from './import-kit.ts'
import {
  type BookSpec,
  columnName,
  oneSheet,
  partsOf,
  sheetPart,
  sheetXml,
  xlsx,
  type ZipPart,
  zip,
} from './support/xlsx.ts'

const MB = 1 << 20
const COSTS = [
  ['date', 'amount', 'category'],
  ['2026-01-01', 1, 'ads'],
]
const ONE: BookSpec = { sheets: [{ rows: COSTS }] }
const books = (content: Buffer) => opener(content, 1 << 16)
const withPart = (part: ZipPart) => oneSheet(COSTS, { parts: [part] })
const withSheet = (data: string, before?: string) => withPart(sheetPart(sheetXml(data, before)))

/** How a workbook is refused, both when it is looked at and when it is read. */
async function refusal(content: Buffer): Promise<RoiError> {
  const before = process.memoryUsage().rss
  const seen = await files.parts(books(content), 'costs.xlsx', {}).catch((error: RoiError) => error)
  const error = await failure(read('costs', content, { chunk: 1 << 16, name: 'costs.xlsx' }))
  if (seen instanceof Error) expect((seen as RoiError).code).toBe(error.code)
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB)
  expect(error.remedy).toBeDefined()
  return error
}

/** Processes of ours that have not ended. Their handles go a moment after them. */
function noChildren(): Promise<void> {
  return vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap'))
}

describe('archives', () => {
  it('300 MB in some 300 KB are not unpacked, whatever the archive says about its size', async () => {
    const zeros = Buffer.alloc(300 * MB, ' ')
    const deflated = deflateRawSync(zeros)
    expect(deflated.length).toBeLessThan(320_000)
    for (const size of [zeros.length, 50 * MB, 900_000, 0]) {
      const { code } = await refusal(withPart(sheetPart('', { deflated, size })))
      expect(code).toBe(size > MB ? 'workbook_too_large' : 'bad_workbook')
    }
    // Many parts that are each within bounds.
    const many = Array.from({ length: 60 }, (_, i) => ({
      name: `xl/media/${i}.bin`,
      content: Buffer.alloc(2 * MB, 'ab'),
      stored: true,
    }))
    expect((await refusal(oneSheet(COSTS, { parts: many }))).code).toBe('workbook_too_large')
  }, 60_000)

  it('one that is larger than a workbook may be is not even sent on', async () => {
    let sent = 0
    const endless = async () =>
      new Readable({
        read() {
          sent += MB
          this.push(sent === MB ? Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(MB)]) : Buffer.alloc(MB))
        },
      })
    expect((await failure(files.parts(endless, 'x.xlsx', {}))).code).toBe('workbook_too_large')
    expect(sent).toBeLessThan(110 * MB)
  })

  it.each(['../../evil.xml', '/etc/passwd', 'C:/evil.xml', 'xl\\..\\evil.xml', 'xl/../../evil.xml'])(
    'a part named %s is refused',
    async (name) => {
      const { code, text } = await refusal(withPart({ name, content: 'x' }))
      expect(code).toBe('bad_workbook')
      expect(text.en).toContain('no spreadsheet program')
    },
  )

  it('neither are parts of one name, or too many', async () => {
    const double = partsOf(ONE).concat({ name: 'XL/Workbook.xml', content: '<workbook/>' })
    expect((await refusal(zip(double))).code).toBe('bad_workbook')
    const many = Array.from({ length: 10_001 }, (_, i) => ({ name: `x/${i}`, content: '', stored: true }))
    expect((await refusal(zip([...partsOf(ONE), ...many]))).code).toBe('workbook_too_large')
  })

  it('what is damaged or cut anywhere is refused', async () => {
    const whole = oneSheet([...COSTS, ...Array.from({ length: 500 }, (_, i) => ['2026-01-01', i * 7.77, `c${i * 31}`])])
    for (const part of [0.1, 0.5, 0.9, 0.99]) {
      expect((await refusal(whole.subarray(0, Math.floor(whole.length * part)))).code).toBe('bad_workbook')
    }
    const [sheet] = partsOf(ONE).filter(({ name }) => name.endsWith('sheet1.xml'))
    expect((await refusal(withPart({ ...sheet!, crc: 1 }))).code).toBe('bad_workbook')
    expect((await refusal(withPart(sheetPart('', { deflated: Buffer.from('garbage'), size: 7 })))).code).toBe(
      'bad_workbook',
    )
    expect((await refusal(Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(100)]))).code).toBe(
      'bad_workbook',
    )
  }, 30_000)
})

describe('other kinds of files', () => {
  const ole = (name: string) =>
    Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(70_001),
      Buffer.from(name, 'utf16le'),
      Buffer.alloc(99),
    ])

  it.each([
    ['an old workbook', ole('Workbook'), 'old_excel', '.xls'],
    ['an encrypted workbook', ole('EncryptedPackage'), 'encrypted_workbook', 'password'],
    [
      'an encrypted archive',
      zip(partsOf(ONE).map((part) => ({ ...part, flags: 0x801 }))),
      'encrypted_workbook',
      'password',
    ],
    ['a program', Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0'), Buffer.alloc(500)]), 'not_csv', '.xlsx'],
    ['an archive', zip([{ name: 'readme.txt', content: 'hello' }]), 'not_xlsx', 'zip'],
    ['an empty archive', zip([]), 'not_xlsx', 'zip'],
    ['a binary workbook', zip([{ name: 'xl/workbook.bin', content: 'x' }]), 'not_xlsx', '.xlsb'],
    [
      'an OpenDocument table',
      zip([
        { name: 'mimetype', content: 'x', stored: true },
        { name: 'content.xml', content: '<x/>' },
      ]),
      'not_xlsx',
      '.ods',
    ],
    [
      'a text document',
      zip([
        { name: '[Content_Types].xml', content: '<Types/>' },
        { name: 'word/document.xml', content: '<x/>' },
      ]),
      'not_xlsx',
      'Office',
    ],
    ['a web page called .xlsx', Buffer.from('<html><table></table></html>'), 'not_csv', 'web page'],
    ['a gzip file', Buffer.from('1f8b0800000000000000', 'hex'), 'not_csv', 'gzip'],
  ])('%s is refused by its content, with what to do', async (_, content, code, word) => {
    const error = await refusal(content)
    expect(error.code).toBe(code)
    expect(error.text.en).toContain(word)
    expect(error.describe('zh-CN')).toMatch(/另存为|重新导入/)
  })

  it.each(['xl/workbook.xml', 'xl/worksheets/sheet1.xml', 'xl/sharedStrings.xml', 'xl/_rels/workbook.xml.rels'])(
    'a workbook without %s is refused',
    async (name) => {
      const { code } = await refusal(xlsx({ ...ONE, without: [name] }))
      expect(['bad_workbook', 'not_xlsx', 'empty_file']).toContain(code)
    },
  )

  it('a workbook without styles and relations is read', async () => {
    const content = xlsx({ ...ONE, without: ['xl/styles.xml', '_rels/.rels', '[Content_Types].xml'] })
    expect((await read('costs', content, { chunk: 1 << 16 })).records).toHaveLength(1)
  })
})

describe('XML', () => {
  const entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

  it.each([
    ['a DOCTYPE', withSheet('<row><c t="str"><v>&b;</v></c></row>', entity)],
    [
      'an external entity',
      withSheet('<row><c t="str"><v>&x;</v></c></row>', '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    ],
    [
      'a DOCTYPE in UTF-16',
      withPart(sheetPart(Buffer.from(`\ufeff${sheetXml('', entity).replace('UTF-8', 'UTF-16')}`, 'utf16le'))),
    ],
    ['a DOCTYPE in the workbook', withPart({ name: 'xl/workbook.xml', content: `${entity}<workbook/>` })],
    ['an entity of its own', withSheet('<row><c t="str"><v>&lol;</v></c></row>')],
    [
      'quadratic entities',
      withSheet(
        `<row><c t="str"><v>${'&a;'.repeat(3e5)}</v></c></row>`,
        `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(5e4)}">]>`,
      ),
    ],
    ['100,000 nested elements', withSheet('<a>'.repeat(100_000))],
    ['100,000 nested and closed elements', withSheet('<a>'.repeat(1e5) + '</a>'.repeat(1e5))],
    ['unclosed elements', withSheet('<row><c t="str"><v>1')],
    [
      'bytes that are no UTF-8',
      withPart(
        sheetPart(Buffer.concat([Buffer.from('<worksheet><sheetData><row><c><v>'), Buffer.from([0xff, 0xfe, 0x80])])),
      ),
    ],
    ['a shared text that is not there', withSheet('<row><c t="s"><v>7</v></c></row>')],
    ['a shared text of another world', withSheet('<row><c t="s"><v>constructor</v></c></row>')],
    ['rows out of order', withSheet('<row r="2"><c><v>1</v></c></row><row r="1"/>')],
    ['a row beyond the last', withSheet('<row r="99999999"><c><v>1</v></c></row>')],
    ['a column beyond the last', withSheet('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>')],
    ['a cell of no known type', withSheet('<row r="1"><c t="?"><v>1</v></c></row>')],
  ])('%s is refused at once', async (_, content) => {
    const started = performance.now()
    expect((await refusal(content)).code).toBe('bad_workbook')
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('names that objects have by themselves are nothing special', async () => {
    const attributes = Array.from({ length: 100_000 }, (_, i) => `a${i}="1"`).join(' ')
    const odd = `<__proto__ constructor="1" ${attributes}/><row toString="x"><c r="A1" __proto__="s"/></row>`
    expect((await refusal(withSheet(odd))).code).toBe('empty_file')
    const named = oneSheet([
      ['account_id', 'name', '__proto__', 'constructor'],
      ['A1', 'x', 'y', 'z'],
    ])
    const { records } = await read('accounts', named, { chunk: 1 << 16 })
    expect(records).toMatchObject([{ attributes: { 'column 3': 'y', constructor: 'z' } }])
    expect(({} as Record<string, unknown>).y).toBeUndefined()
  })
})

describe('sheets', () => {
  it('one cell in the last corner takes neither memory nor time', async () => {
    const cell = { xml: '<c t="str"><v>x</v></c>' }
    const corner = oneSheet(
      [
        ['date', 'amount', 'category'],
        [...Array.from({ length: 16_383 }, () => null), cell],
      ],
      {
        lines: [1, 1_048_576],
      },
    )
    expect(corner.length).toBeLessThan(4000)
    expect((await refusal(corner)).code).toBe('workbook_too_large')
    expect(columnName(16_383)).toBe('XFD')
  })

  it('what is claimed counts, and what is there where nothing is claimed', async () => {
    expect((await refusal(oneSheet(COSTS, { dimension: 'A1:J100001' }))).text.en).toContain('A1:J100001')
    expect((await refusal(oneSheet(COSTS, { dimension: 'A1:XFD1048576' }))).code).toBe('workbook_too_large')
    const wide = oneSheet(COSTS, { dimension: 'A1:J100000' })
    expect((await read('costs', wide, { chunk: 1 << 16 })).records).toHaveLength(1)
    const rows = (count: number) =>
      withSheet(
        `<row r="1">${['date', 'amount', 'category'].map((name) => `<c t="str"><v>${name}</v></c>`).join('')}</row>` +
          Array.from(
            { length: count },
            (_, i) => `<row r="${i + 2}"><c><v>46023</v></c><c><v>${i * 7}</v></c><c t="b"><v>1</v></c></row>`,
          ).join(''),
      )
    expect((await refusal(rows(333_400))).code).toBe('workbook_too_large')
  }, 30_000)

  it('a long text that many cells share is not sent a million times', async () => {
    const shared = `<sst><si><t>${'长'.repeat(30_000)}</t></si></sst>`
    const head = ['account_id', 'name'].map((name) => `<c t="str"><v>${name}</v></c>`).join('')
    const cell = '<c t="s"><v>0</v></c>'
    const noise = (i: number) => `<c><v>${(i * 7919) % 10_007}</v></c>`
    const data = Array.from({ length: 20_000 }, (_, i) => `<row>${noise(i)}${cell}</row>`).join('')
    const content = oneSheet([], {
      parts: [sheetPart(sheetXml(`<row>${head}</row>${data}`)), { name: 'xl/sharedStrings.xml', content: shared }],
    })
    const error = await failure(read('accounts', content, { chunk: 1 << 16 }))
    expect(error.code).toBe('workbook_too_large')
  }, 30_000)
})

describe('the process', () => {
  const large = (count: number) => {
    const strings = Array.from(
      { length: count },
      (_, i) => `<si><t>${(i * 2_654_435_761) % 4_294_967_291}</t></si>`,
    ).join('')
    return withPart({ name: 'xl/sharedStrings.xml', content: `<sst>${strings}</sst>` })
  }
  const heads = { mode: 'heads' } as const
  const ignore = async () => {}

  it('that takes too long, or too much memory, or dies, is an error of the file and not of ours', async () => {
    const content = large(1_000_000)
    const slow = await failure(runChild(books(content), heads, ignore, { time: 150 }))
    expect(slow.code).toBe('workbook_too_slow')
    const hungry = await failure(runChild(books(content), heads, ignore, { memory: 24 }))
    expect(hungry.code).toBe('workbook_too_large')
    const job = { mode: 'rows', sheet: 'no such' } as const
    expect((await failure(runChild(books(oneSheet(COSTS)), job, ignore))).code).toBe('unknown_sheet')
    await noChildren()
  }, 30_000)

  it('ends when the read is given up, and when the rows cannot be taken', async () => {
    const stop = new AbortController()
    const reading = runChild(books(large(1_000_000)), heads, ignore, { signal: stop.signal })
    setTimeout(() => stop.abort(), 200)
    await expect(reading).rejects.toThrow('aborted')
    await noChildren()
    const full = Promise.reject(new Error('disk full'))
    full.catch(() => {})
    await expect(runChild(books(oneSheet(COSTS)), heads, () => full)).rejects.toThrow('disk full')
    await noChildren()
    const gone = async () =>
      new Readable({
        read() {
          this.destroy(new Error('unplugged'))
        },
      })
    await expect(runChild(gone, heads, ignore)).rejects.toThrow('unplugged')
    await noChildren()
    await expect(runChild(books(oneSheet(COSTS)), heads, ignore, { signal: AbortSignal.abort() })).rejects.toThrow(
      'aborted',
    )
  })

  it('sees no environment, and a read leaves nothing behind', async () => {
    const folder = await temporaryFolder()
    vi.stubEnv('TMPDIR', folder)
    vi.stubEnv('NODE_OPTIONS', '--require /no/such/file')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(tmpdir()).toBe(folder)
    const rows = Array.from({ length: 5000 }, (_, i) => ['2026-01-01', i, 'ads'])
    const context = contextOf('costs', books(oneSheet([COSTS[0]!, ...rows])))
    for await (const page of files.pull.costs!.read(context, null)) {
      expect(page.records).toHaveLength(2000)
      // Already while it is read: whatever happens now, nothing is left.
      expect(await readdir(folder)).toEqual([])
      await noChildren()
      break
    }
    expect(await readdir(folder)).toEqual([])
  })
})
