import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CloseResult } from '../src/api/closes.ts'
import {
  Benchmarks,
  ConfigList,
  ConfigShown,
  Metrics,
  ReportWithManifest,
  RunHead,
  RunView,
} from '../src/api/governance.ts'
import { QualityScore } from '../src/api/quality.ts'
import { sha256 } from '../src/model/canonical.ts'
import { run as runCommand, type Started, start } from './cli-process.ts'
import { openProfile } from './support/databases.ts'

/** Commands against a server that has the data directory open: as people use it, and quicker than opening it each time. */
let profile: Awaited<ReturnType<typeof openProfile>>
let server: Started
const run = (args: readonly string[]) => runCommand(args, profile.environment)
const json = async (args: readonly string[]) => {
  const { code, out, err } = await run([...args, '--json'])
  expect([code, err], args.join(' ')).toEqual([0, ''])
  return JSON.parse(out)
}

beforeAll(async () => {
  profile = await openProfile('duckdb')
  const files = join(profile.folder, 'files')
  await mkdir(files)
  await writeFile(join(files, 'costs.csv'), 'cost_id,date,amount,category,channel\nF1,2026-01-02,50,event,expo\n')
  await writeFile(join(files, 'contacts.csv'), 'contact_id,created_at,email\nC1,2026-01-01,c@example.com\n')
  await writeFile(join(files, 'touches.csv'), 'touch_id,contact_id,occurred_at,channel\nT1,C1,2026-01-02,expo\n')
  await writeFile(
    join(files, 'deals.csv'),
    'deal_id,contact_ids,amount,created_at,closed_at,won\nD1,C1,100,2026-01-05,2026-01-20,yes\n',
  )
  server = start(['serve'], profile.environment)
  await server.url
  expect((await run(['import', files])).code).toBe(0)
}, 60_000)
afterAll(async () => {
  server.process.kill('SIGTERM')
  await server.ended
  await profile.remove()
})

test('config: versions with their author and reason, their differences, and the way back', async () => {
  expect((await run(['settings', 'set', 'currency', 'USD', '--reason', 'group currency'])).code).toBe(0)
  const list = ConfigList.parse(await json(['config']))
  expect(list.versions[0]).toMatchObject({ version: 2, author: 'command_line', reason: 'group currency' })
  expect((await run(['config', 'diff', '1', '2'])).out).toBe('  settings.currency: CNY → USD\n')
  const back = await run(['config', 'restore', '1', '--reason', 'no', '--locale', 'zh-CN'])
  expect([back.code, back.err]).toEqual([0, '版本 3 与版本 1 内容相同（已重算归因）。\n'])
  expect(ConfigShown.parse(await json(['config', 'show', '3'])).hash).toBe(list.versions[1]!.hash)
  const shown = await run(['config', 'list', '--locale', 'en'])
  expect(shown.out).toMatch(/^Version +When +Who +What changed +Why/)
  expect(shown.out).toMatch(/3 \* .*\(command line\) +settings.currency +no/)
  expect((await run(['config', 'show', 'x', '--locale', 'en'])).err).toMatch(/^Error: A version is a number/)
}, 60_000)

test('runs: a report is saved, listed and shown as it was', async () => {
  const report = await run(['report', '--json'])
  const { manifest } = ReportWithManifest.parse(await json(['report', '--manifest']))
  expect(sha256(report.out.replace(/\n$/, ''))).toBe(manifest!.result_hash)
  const saved = RunHead.parse(await json(['runs', 'save', '--name', 'as reported']))
  expect(saved.manifest).toEqual(manifest)
  await run(['settings', 'set', 'lookback_days', '3'])
  const view = RunView.parse(await json(['runs', 'show', saved.id]))
  expect(JSON.stringify(view.result)).toBe(report.out.trim())
  const shown = await run(['runs', 'show', saved.id, '--locale', 'en'])
  expect(shown.out).toMatch(/as reported.*reconciles.*Changed since.*settings\.lookback_days: 365 → 3/s)
  expect((await run(['runs', 'list', '--locale', 'zh-CN'])).out).toMatch(/编号 +名称.*as reported/s)
}, 60_000)

test('metrics and benchmarks: entered, refused with the remedy, listed in both languages', async () => {
  expect((await run(['metrics', 'add', 'margin', '(revenue - cost) / won'])).err).toContain('[money]')
  expect((await run(['report', '--locale', 'en'])).out).toMatch(/Ratio +margin\n.*\n.*50\.00/)
  const refused = await run(['metrics', 'add', 'odd', 'cost + roi', '--locale', 'zh-CN'])
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('金额与百分比不能相加')])
  expect(Metrics.parse(await json(['metrics'])).custom).toMatchObject([{ name: 'margin', author: 'command_line' }])
  expect((await run(['metrics', 'list', '--locale', 'zh-CN'])).out).toContain('投资回报率')
  const set = ['benchmarks', 'set', 'wins', '--metric', 'win_rate', '--low', '25', '--source', 'survey']
  expect((await run([...set, '--locale', 'en'])).err).toContain('Add --convention percent')
  const { applied } = Benchmarks.parse(await json([...set, '--convention', 'percent']))
  expect(applied.find(({ metric }) => metric === 'win_rate')).toMatchObject({ low: 25, name: 'wins' })
}, 60_000)

test('close: preview, close, what changed since, open again', async () => {
  const preview = await run(['close', '2026-01', '--dry-run', '--locale', 'zh-CN'])
  expect([preview.code, preview.err]).toEqual([0, '未关账。\n'])
  expect(preview.out).toMatch(/月份 +投入成本.*2026-01 +50\.00/s)
  const done = CloseResult.parse(await json(['close', '2026-01']))
  expect(done.months).toMatchObject([{ month: '2026-01', close: { state: 'closed', author: 'command_line' } }])
  const path = join(profile.folder, 'more.csv')
  await writeFile(path, 'cost_id,date,amount,category,channel\nF2,2026-01-03,7,event,expo\n')
  await run(['import', path, '--type', 'costs'])
  const shown = await run(['close', 'show', '2026-01', '--locale', 'en'])
  expect(shown.out).toMatch(/Cost then +Cost now.*expo +50\.00 +57\.00.*cost +added +F2/s)
  expect((await run(['report', '--from', '2026-01-01', '--to', '2026-02-01', '--locale', 'en'])).out).toMatch(
    /Total +50\.00/,
  )
  expect(await run(['close', 'reopen', '2026-01'])).toMatchObject({ code: 2 })
  expect((await run(['close', 'reopen', '2026-01', '--reason', 'late', '--locale', 'en'])).err).toBe(
    '2026-01 is open again.\n',
  )
  expect((await run(['close', 'list', '--locale', 'en'])).out).toMatch(/2026-01 +reopened.*late/)
}, 60_000)

test('quality: the score, a gate for scripts, and the records behind a check', async () => {
  const score = QualityScore.parse(await json(['quality']))
  expect(score.history).toHaveLength(1)
  const gate = await run(['quality', '--min', '100', '--locale', 'en'])
  expect([gate.code, gate.err]).toEqual([5, expect.stringMatching(/^Error: The data quality is \d+\.\d, below 100\./)])
  expect(gate.out).toMatch(/Data quality: \d+\.\d\n.*touch_without_campaign/s)
  expect((await run(['quality', 'touch_without_campaign', '--locale', 'zh-CN'])).out).toMatch(/touch +files +T1/)
}, 60_000)
