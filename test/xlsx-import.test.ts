import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { importFiles } from '../src/sync/import.ts'
import { rebuild, undoImport } from '../src/sync/rebuild.ts'
import { failure } from './files-kit.ts'
import { counts, dump, importTexts, openPlace, type Place, type Texts, temporaryFolder, world } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'
import { type Cell, oneSheet, type SheetSpec, xlsx } from './support/xlsx.ts'

const COSTS: Cell[][] = [
  ['费用编号', '日期', '金额', '费用类别', '活动编号'],
  ['F1', { date: '2026-01-15' }, 1234.5, '广告', 'K1'],
  ['F2', { date: '2026-02-03' }, 0.1 + 0.2, '展会', 'K1'],
  ['F3', { date: '2026-02-04' }, { xml: '<c t="e"><v>#REF!</v></c>' }, '展会', null],
]

type Request = Partial<Parameters<typeof importFiles>[2]>

function load({ env, workspace }: Place, files: Readonly<Record<string, Buffer>>, request: Request = {}) {
  const inputs = Object.entries(files).map(([name, bytes]) => ({ name, stream: Readable.from([bytes]) }))
  return importFiles(env, workspace, { locale: 'en', inputs, ...request })
}

/** CSV texts as the sheets of a workbook, every cell as text. */
function sheetsOf(texts: Texts): SheetSpec[] {
  return Object.entries(texts).map(([name, text]) => ({
    name: name.replace('.csv', ''),
    rows: text.split('\n').map((line) => line.split(',')),
  }))
}

describe.each(ENGINES)('workbooks on %s', (engine) => {
  test('good rows are kept, refused ones named by their row; the second import adds nothing', async () => {
    const place = await openPlace(engine)
    const file = { 'costs.xlsx': oneSheet(COSTS) }
    const rehearsal = await load(place, file, { dryRun: true })
    expect(counts(rehearsal)).toEqual({ rows: 3, imported: 2, unchanged: 0, rejected_count: 1 })
    const first = await load(place, file)
    expect(counts(first)).toEqual({ rows: 3, imported: 2, unchanged: 0, rejected_count: 1 })
    expect(first.files[0]).toMatchObject({
      file: 'costs.xlsx',
      type: 'costs',
      rejected: [{ line: 4, column: 'amount', code: 'error_cell' }],
    })
    const before = await dump(place.env)
    expect(counts(await load(place, { 'again.xlsx': file['costs.xlsx'] }))).toMatchObject({ imported: 0, unchanged: 2 })
    expect(await dump(place.env)).toEqual(before)
    const [kept] = await place.env.state.rejects(place.workspace.tenant, first.id)
    expect(kept).toMatchObject({ where: { line: 4, column: 'amount' }, raw: 'F3,2026-02-04,#REF!,展会,' })
  })

  test('a workbook with a sheet per type equals the same tables as CSV, undone and rebuilt too', async () => {
    const [book, csv] = [await openPlace(engine), await openPlace(engine)]
    const empty = await dump(book.env)
    const texts = world(3)
    const content = xlsx({
      sheets: [...sheetsOf(texts), { name: 'Notes', rows: [['Made for the board']] }, { rows: [] }],
    })
    const result = await load(book, { 'all.xlsx': content })
    await importTexts(csv, texts)
    expect(await dump(book.env)).toEqual(await dump(csv.env))
    expect(result.files.map(({ file, type }) => `${file} ${type}`)).toEqual([
      'all.xlsx [campaigns] campaigns',
      'all.xlsx [accounts] accounts',
      'all.xlsx [contacts] contacts',
      'all.xlsx [touches] touches',
      'all.xlsx [costs] costs',
      'all.xlsx [deals] deals',
      'all.xlsx [payments] payments',
      'all.xlsx [Notes] ',
    ])
    const sha256 = createHash('sha256').update(content).digest('hex')
    expect(await readFile(join(book.folder, 'files', sha256))).toEqual(content)

    const second = await load(book, { 'all.xlsx': content })
    expect(second.files.every(({ imported }) => imported === 0)).toBe(true)
    // From the kept file alone, which has neither its name nor its ending.
    await rebuild(book.env, book.workspace)
    expect(await dump(book.env)).toEqual(await dump(csv.env))
    for (const { id } of [result, second]) await undoImport(book.env, book.workspace, id)
    expect(await dump(book.env)).toEqual(empty)
  }, 120_000)

  test('--replace, --type, --date-format and a mapping do what they do for CSV', async () => {
    const place = await openPlace(engine)
    await load(place, { 'costs.xlsx': oneSheet(COSTS) })
    const later = oneSheet([COSTS[0]!, ['F9', { date: '2026-02-20' }, 7, '广告', null]])
    const replaced = await load(place, { 'costs.xlsx': later }, { replace: { from: '2026-02-01', to: '2026-03-01' } })
    expect(replaced.files[0]).toMatchObject({ imported: 1, deleted: 1 })

    const spend = xlsx({
      sheets: [
        {
          rows: [
            ['Day', 'Spend', 'What'],
            ['3/2/2026', '1.234,50', 'Werbung'],
          ],
        },
        {
          name: 'Other',
          rows: [
            ['Day', 'Spend', 'What'],
            ['1/1/2026', '1,5', 'Werbung'],
          ],
        },
      ],
    })
    const map = {
      sheet: 'Sheet1',
      columns: { date: 'Day', amount: 'Spend', category: 'What' },
      values: { category: { Werbung: 'ads' } },
      decimal: ',',
    }
    const mapped = await load(place, { 'x.xlsx': spend }, { map, type: 'costs', dateFormat: 'D/M/YYYY' })
    expect(mapped.files).toHaveLength(1)
    expect(counts(mapped)).toMatchObject({ rows: 1, imported: 1 })
    const [row] = await place.env.database.query(
      'SELECT * FROM cost WHERE tenant_id = $1 AND amount_minor = 123450 AND date = $2',
      [place.workspace.tenant, '2026-02-03'],
    )
    expect(row).toBeDefined()
  })
})

test('a directory is looked through for workbooks too, but not for what a program keeps beside them', async () => {
  const place = await openPlace('duckdb')
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'costs.xlsx'), oneSheet(COSTS))
  await writeFile(join(folder, '~$costs.xlsx'), Buffer.alloc(165, 1))
  await writeFile(join(folder, 'deals.csv'), 'deal_id\nD1\n')
  await writeFile(join(folder, 'old.xls'), 'x')
  await writeFile(join(folder, 'archive.XLSX'), Buffer.from('MZ\0\0\0\0'))
  const { files } = await load(place, {}, { inputs: [{ path: folder }] })
  expect(files.map(({ file, type }) => `${file} ${type}`)).toEqual([
    'costs.xlsx costs',
    'deals.csv deals',
    'old.xls ',
    'archive.XLSX ',
  ])

  // One that was meant and cannot be read stops the import before anything is written.
  await writeFile(
    join(folder, 'secret.xlsx'),
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from('EncryptedPackage', 'utf16le')]),
  )
  const before = await dump(place.env)
  const error = await failure(load(place, {}, { inputs: [{ path: folder }] }))
  expect(error.code).toBe('encrypted_workbook')
  expect(error.text.en).toContain('secret.xlsx')
  expect(await dump(place.env)).toEqual(before)
})

test('a sheet that cannot be read keeps the others out, and is named', async () => {
  const place = await openPlace('duckdb')
  const before = await dump(place.env)
  const bad: Cell[][] = [
    ['deal_id', 'amount', 'created_at'],
    ['D1', 1, '01/02/2026'],
  ]
  const error = await failure(
    load(place, { 'b.xlsx': xlsx({ sheets: [{ rows: COSTS }, { name: 'Deals', rows: bad }] }) }),
  )
  expect(error.code).toBe('ambiguous_dates')
  expect(error.text.en).toContain('b.xlsx [Deals]')
  expect(await dump(place.env)).toEqual(before)
})
