import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { ConnectionStatus, ConnectorInfo, ConnectResult, DisconnectResult, DoctorReport, SyncRun } from '../src/api.ts'
import { run, start } from './cli-process.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import { startHubSpot } from './fakes/hubspot.ts'
import { temporaryFolder } from './import-kit.ts'

/** A portal, and the command line pointed at it. */
async function open() {
  const fake = await startHubSpot()
  onTestFinished(() => fake.close())
  const token = 'pat-na1-canary-of-the-command-line'
  const account = fake.addAccount({ token })
  seedPortal(account, { contacts: 60, campaigns: 2 })
  const data = join(await temporaryFolder(), 'data')
  const env = { ROI_PANEL_ORIGIN_HUBSPOT: fake.origin, HS_TOKEN: token, ROI_PANEL_LOG_LEVEL: 'trace' }
  const outputs: string[] = []
  const cli = async (...args: string[]) => {
    const ran = await run([...args, '--data', data], env)
    outputs.push(ran.out, ran.err)
    return ran
  }
  return { fake, account, token, data, env, outputs, cli }
}

const parsed = <T extends z.ZodType>(schema: T, text: string): z.output<T> => schema.parse(JSON.parse(text))

async function filesHolding(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found = await Promise.all(paths.map(async (path) => ((await readFile(path)).includes(text) ? [path] : [])))
  return found.flat()
}

test('connect, sync, status, doctor, disconnect as a user types them, with and without a server', async () => {
  const { account, token, data, env, outputs, cli } = await open()
  expect(parsed(z.array(ConnectorInfo), (await cli('connect', '--json')).out).map(({ id }) => id)).toContain('hubspot')
  const missing = await cli('connect', 'hubspot')
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('--set token=env:HUBSPOT_TOKEN')])

  const connected = await cli(
    'connect',
    'hubspot',
    '--set',
    'token=env:HS_TOKEN',
    '--set',
    'contact_lists=no',
    '--json',
  )
  expect(connected.code).toBe(0)
  const { connection } = parsed(ConnectResult, connected.out)
  expect(connection).toMatchObject({ account: String(account.portalId), state: 'pending' })
  expect(await cli('status')).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/pending|待首次同步/) })

  const first = await cli('sync', '--json')
  expect(first.code).toBe(0)
  expect(parsed(SyncRun, first.out)).toMatchObject({ state: 'complete', connections: [{ connection: connection.id }] })
  const [one] = parsed(z.array(ConnectionStatus), (await cli('status', '--json')).out)
  expect(one).toMatchObject({ state: 'active', rows: { contact: 60, deal: 12 }, quarantined: 0 })

  const served = start(['serve', '--data', data], { ...env, ROI_PANEL_LOG_LEVEL: 'trace' })
  const url = await served.url
  const again = await cli('sync', 'hubspot', '--json')
  expect([again.code, parsed(SyncRun, again.out).state]).toEqual([0, 'complete'])
  const overHttp = await (await fetch(`${url}api/v1/connections`)).json()
  expect(z.array(ConnectionStatus).parse(overHttp)).toMatchObject([{ id: connection.id, rows: { deal: 12 } }])
  const doctor = await cli('doctor', '--json')
  const report = parsed(DoctorReport, doctor.out)
  expect([doctor.code, report.checks.filter(({ state }) => state === 'fail')]).toEqual([0, []])

  account.revokeToken()
  const refused = await cli('sync', '--locale', 'en')
  expect(refused.code).toBe(3)
  expect(refused.err).toContain('reconnect needed')
  expect((await cli('doctor')).code).toBe(1)
  const gone = await cli('disconnect', 'hubspot', '--erase', '--yes', '--json')
  expect(parsed(DisconnectResult, gone.out).removed).toBeGreaterThan(72)
  served.process.kill('SIGTERM')
  const ended = await served.ended
  expect(ended.code).toBe(0)

  outputs.push(ended.out, ended.err)
  expect(outputs.join('').includes(token)).toBe(false)
  expect(await filesHolding(data, token)).toEqual([])
}, 120_000)
