import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImportResult, Panel } from '../src/api.ts'
import { openDuckDB } from '../src/db/duckdb.ts'
import { writeDemoFiles } from '../src/demo/files.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { findOwner, isAuthorized } from '../src/server/owner.ts'
import { run, type Started, start } from './cli-process.ts'

let folder: string
let data: string
let files: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roi-panel-owner-'))
  data = join(folder, 'data')
  files = join(folder, 'files')
  await writeDemoFiles(DEMO_SETS[1]!, files)
  await run(['import', files, '--data', data, '--quiet'])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const at = (...args: string[]) => run([...args, '--data', data])

async function end(served: Started): Promise<number | null> {
  served.process.kill('SIGTERM')
  return (await served.ended).code
}

test('commands give the same answer beside a running server as without one', async () => {
  const commands = [
    ['report', '--json'],
    ['report', '--by', 'month'],
    ['explain', 'roi', '--json'],
    ['export', 'credit', '--model', 'first'],
    ['export', 'deals', '--json'],
    ['settings', 'get'],
    ['report', '-w', 'nobody'],
    ['explain', 'nonsense', '--locale', 'zh-CN', '--json'],
  ]
  const alone = []
  for (const command of commands) alone.push(await at(...command))
  const served = start(['serve', '--data', data])
  await served.url
  const owner = JSON.parse(await readFile(join(data, 'owner.json'), 'utf8'))
  expect(owner).toMatchObject({ pid: served.process.pid, url: await served.url })
  expect((await stat(join(data, 'owner.json'))).mode & 0o777).toBe(0o600)
  for (const [i, command] of commands.entries()) expect(await at(...command), command.join(' ')).toEqual(alone[i])
  const again = await at('import', files, '--json')
  expect(ImportResult.parse(JSON.parse(again.out)).files.every((file) => file.imported === 0)).toBe(true)
  const second = await at('serve')
  expect([second.code, second.err]).toEqual([1, expect.stringContaining(await served.url)])
  expect(await end(served)).toBe(0)
  await expect(stat(join(data, 'owner.json'))).rejects.toThrow()
}, 90_000)

test('the internal listener knows nobody without the token', async () => {
  const served = start(['serve', '--data', data])
  const url = await served.url
  const { port, token } = JSON.parse(await readFile(join(data, 'owner.json'), 'utf8'))
  const ask = (authorization: string) =>
    fetch(`http://127.0.0.1:${port}/internal/v1/command`, {
      method: 'POST',
      headers: { authorization },
      body: '{"name":"settings","args":{}}',
    })
  expect((await ask('Bearer x')).status).toBe(401)
  expect((await ask(`Bearer ${token.slice(1)}x`)).status).toBe(401)
  expect((await fetch(`${url}internal/v1/ping`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
  const known = await ask(`Bearer ${token}`)
  expect(JSON.parse(await known.text())).toMatchObject({ result: { workspace: 'main' } })
  for (const name of ['close', 'constructor', '__proto__', 'openWorkspace']) {
    const response = await fetch(`http://127.0.0.1:${port}/internal/v1/command`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ name, args: {} }),
    })
    expect(JSON.parse(await response.text())).toMatchObject({ error: { code: 'unknown_command' } })
  }
  expect(await end(served)).toBe(0)
}, 60_000)

test('the token is compared whole', () => {
  expect(isAuthorized('Bearer abc', 'abc')).toBe(true)
  for (const wrong of [undefined, '', 'Bearer ', 'Bearer ab', 'Bearer abcd', 'abc']) {
    expect(isAuthorized(wrong, 'abc')).toBe(false)
  }
})

test('a file left behind by a crash is ignored', async () => {
  const stale = { port: 9, token: 'x'.repeat(43), pid: 999_999, url: null }
  for (const text of [JSON.stringify(stale), '{"port":1', '']) {
    await writeFile(join(data, 'owner.json'), text)
    expect(await findOwner(data)).toBeUndefined()
    expect((await at('settings', 'get', 'currency')).out).toBe('CNY\n')
  }
  await rm(join(data, 'owner.json'))
})

test('a killed server leaves nothing that hinders the next one', async () => {
  const served = start(['serve', '--data', data])
  await served.url
  served.process.kill('SIGKILL')
  await served.ended
  expect((await at('report', '--json')).code).toBe(0)
  const next = start(['serve', '--data', data])
  await next.url
  expect(await end(next)).toBe(0)
}, 60_000)

test('a directory that another process has open is told as such', async () => {
  const other = join(folder, 'other')
  expect((await run(['settings', 'get', 'zone', '--data', other])).code).toBe(0)
  const database = await openDuckDB(join(other, 'facts.duckdb'))
  try {
    const ran = await run(['report', '--data', other])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toMatch(/^Error: The data directory is in use by another process\. .*--data DIR.*\n$/)
  } finally {
    await database.close()
  }
}, 30_000)

test('commands at the same time wait for each other', async () => {
  const ran = await Promise.all([at('report', '--json'), at('report', '--json'), at('report', '--json')])
  expect(ran.map(({ code }) => code)).toEqual([0, 0, 0])
}, 30_000)

test('a damaged fact store is set aside, told, and rebuilt from the kept files', async () => {
  const before = await at('report', '--json')
  await truncate(join(data, 'facts.duckdb'), 300_000)
  const served = start(['serve', '--data', data])
  const url = await served.url
  const panel = Panel.parse(await (await fetch(`${url}api/v1/panel`)).json())
  expect(panel.views.linear.total).toMatchObject({ cost: '100000.00', revenue: '115000.00' })
  expect(await end(served)).toBe(0)
  expect((await served.ended).err).toContain('facts.duckdb.damaged-')
  expect(await at('report', '--json')).toEqual(before)
}, 60_000)

test('an upload through the running server, and the same file again', async () => {
  const served = start(['serve', '--data', data])
  const url = await served.url
  const body = 'cost_id,date,amount,category,channel\nU1,2026-02-03,10.00,ads,抖音 Douyin\nU2,never,1,ads,x\n'
  const send = () =>
    fetch(`${url}api/v1/imports?workspace=main&name=june%20costs.csv&locale=en`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body,
    })
  const first = await send()
  expect(first.status).toBe(200)
  const { id, files } = ImportResult.parse(await first.json())
  expect(files[0]).toMatchObject({ file: 'june costs.csv', type: 'costs', imported: 1, rejected_count: 1 })
  const again = ImportResult.parse(await (await send()).json())
  expect(again.files[0]).toMatchObject({ imported: 0, unchanged: 1 })
  const undo = (key: string) =>
    fetch(`${url}api/v1/imports/${key}/undo?workspace=main`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
  expect((await undo(again.id)).status).toBe(200)
  expect((await undo(id)).status).toBe(200)
  expect((await undo('imp_nothing')).status).toBe(404)
  expect((await fetch(`${url}api/v1/panel?workspace=nobody`)).status).toBe(404)
  expect(await end(served)).toBe(0)
}, 60_000)

test('a port in use ends with its remedy and leaves the directory free', async () => {
  const served = start(['serve', '--data', data])
  const port = new URL(await served.url).port
  const other = join(folder, 'third')
  const ran = await run(['serve', '--data', other, '--locale', 'zh-CN'], { PORT: port })
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('PORT=0')])
  await expect(stat(join(other, 'owner.json'))).rejects.toThrow()
  expect(await end(served)).toBe(0)
}, 60_000)
