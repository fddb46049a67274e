import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ImportResult, Report } from '../src/api.ts'
import { writeDemoFiles } from '../src/demo/files.ts'
import { generate } from '../src/demo/generate.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { run as runCommand } from './cli-process.ts'
import { ENGINES, openProfile, temporaryFolder } from './support/databases.ts'

describe.each(ENGINES)('commands on %s', (engine) => {
  let profile: Awaited<ReturnType<typeof openProfile>>
  let folder: string
  let files: string
  const data = () => ['--data', join(folder, 'data')]
  const run = (args: readonly string[], more: Record<string, string> = {}) =>
    runCommand(args, { ...profile.environment, ...more })

  beforeAll(async () => {
    profile = await openProfile(engine)
    folder = profile.folder
    files = join(folder, 'files')
    await writeDemoFiles(DEMO_SETS[1]!, files)
  })
  afterAll(() => profile.remove())

  test('import, report, export, settings, undo: data on stdout, words on stderr', async () => {
    const first = await run(['import', files, ...data(), '--json'])
    expect(first).toMatchObject({ code: 0, err: '' })
    const imported = ImportResult.parse(JSON.parse(first.out))
    expect(imported.files.map((file) => [file.type, file.rejected_count])).toEqual(
      ['campaigns', 'accounts', 'contacts', 'touches', 'costs', 'deals'].map((type) => [type, 0]),
    )

    const again = await run(['import', files, ...data(), '--locale', 'en'])
    expect(again).toMatchObject({ code: 0, out: '' })
    expect(again.err).toContain('deals.csv: deals, 64 rows: 0 imported, 64 unchanged, 0 refused')

    const report = await run(['report', '--by', 'channel', '--model', 'linear', '--json', ...data()])
    expect(report).toMatchObject({ code: 0, err: '' })
    const { total, reconciliation } = Report.parse(JSON.parse(report.out))
    expect([total.cost, total.revenue, reconciliation.ok]).toEqual(['100000.00', '115000.00', true])

    const shown = await run(['report', ...data()])
    expect(shown.out).toContain('对账一致')
    expect(shown.out).toMatch(/合计 +100,000.00 +640 /)

    const credit = await run(['export', 'credit', '--model', 'linear', '--format', 'csv', ...data()])
    const [header, ...lines] = credit.out.trimEnd().split('\n')
    expect(header?.trim()).toBe('outcome,outcome_id,touch_id,channel,campaign_id,model,credit,amount_minor,currency')
    const won = lines.filter((line) => line.startsWith('won,')).map((line) => BigInt(line.split(',').at(-2) ?? ''))
    expect(won.reduce((a, b) => a + b, 0n)).toBe(11_500_000n)

    const json = await run(['export', 'contacts', '--json', ...data()])
    expect(JSON.parse(json.out)).toHaveLength(generate(DEMO_SETS[1]!).contacts.length)

    const changed = await run(['settings', 'set', 'locale', 'en', ...data()])
    expect(changed).toMatchObject({ code: 0, out: '', err: 'locale = en\n' })
    expect((await run(['settings', 'get', 'locale', ...data()])).out).toBe('en\n')
    // Somebody chose a language for the workspace: messages follow it now.
    expect((await run(['report', '-w', 'main', '--by', 'month', ...data()])).out).toContain('reconciles')

    const undone = await run(['import', '--undo', imported.id, '--json', ...data()])
    expect(JSON.parse(undone.out)).toMatchObject({ id: imported.id })
  }, 60_000)

  test('rejected rows give exit code 4, and the good ones stay', async () => {
    const path = join(folder, 'costs.csv')
    await writeFile(path, 'cost_id,date,amount,category\nF1,2026-01-01,12.50,ads\nF2,not a day,3,ads\n')
    const ran = await run(['import', path, ...data(), '-w', 'partly', '--json'])
    expect(ran.code).toBe(4)
    const [file] = ImportResult.parse(JSON.parse(ran.out)).files
    expect(file).toMatchObject({ imported: 1, rejected_count: 1, rejected: [{ line: 3, column: 'date' }] })
  })

  test('a reader that goes away is no failure', async () => {
    const { execFile } = await import('node:child_process')
    const command = `"${process.execPath}" src/cli.ts export contacts ${data().join(' ')} -w main | head -1`
    const out = await new Promise<string>((resolve) =>
      execFile('sh', ['-c', command], { env: { ...process.env, ...profile.environment } }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      ),
    )
    expect(out.trim().split('\n')).toHaveLength(1)
  })
})

test('mistakes exit with 2 and one line, in the language asked for; with --json as an object', async () => {
  const folder = await temporaryFolder()
  const data = () => ['--data', join(folder, 'data')]
  // Made before the commands ask for it all at once.
  await runCommand(['settings', 'get', ...data()])
  const cases: [string[], RegExp][] = [
    [['reprot'], /^Error: Unknown command "reprot"\. Did you mean report\?\n$/],
    [['report', '--modle', 'x'], /^Error: Unknown option "--modle"\. Did you mean --model\?\n$/],
    [['report', '--by', 'x', ...data()], /^Error: Not valid: --by \(one of channel, .*\n$/],
    [['report', '-w', 'nobody', '--locale', 'zh-CN', ...data()], /^错误：没有名为“nobody”的工作区。.*main.*\n$/],
    [['explain', ...data()], /^Error: explain needs one metric/],
    [['import', ...data()], /^Error: import needs a file/],
    [['import', 'x', '--replace', '2026', ...data()], /^Error: --replace needs two days/],
    [['settings', 'set', 'zone', 'Mars/X', ...data()], /^Error: This value is not possible for zone/],
  ]
  const ran = await Promise.all(cases.map(([args]) => runCommand(args)))
  for (const [i, { code, out, err }] of ran.entries()) {
    expect(err).toMatch(cases[i]![1])
    expect([code, out]).toEqual([2, ''])
  }
  const json = await runCommand(['report', '--json', '-w', 'nobody', ...data()])
  expect(json).toMatchObject({ code: 2, out: '' })
  expect(JSON.parse(json.err).error).toMatchObject({
    code: 'unknown_workspace',
    remedy: expect.stringContaining('main'),
  })
}, 60_000)

test('help comes in the language of the system, and a bare call is a mistake', async () => {
  expect((await runCommand(['report', '--help'], { LANG: 'zh_CN.UTF-8' })).out).toContain('用法')
  expect((await runCommand(['--help'])).out).toContain('Usage')
  expect(await runCommand([])).toMatchObject({ code: 2, err: '' })
  expect((await runCommand(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('attribute needs no data directory', async () => {
  const path = join(await temporaryFolder(), 'paths.csv')
  await writeFile(path, 'path,total_conversions,total_conversion_value,total_null\na > b,3,30,1\nb,1,5,2\n')
  const ran = await runCommand(['attribute', path, '--models', 'first,linear', '--json'], {
    ROI_PANEL_DATA: '/nonexistent/x',
  })
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(ran.out)).toMatchObject({ conversions: 4, value: 35 })
})
