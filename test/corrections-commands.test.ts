import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Corrected, Corrections } from '../src/api/corrections.ts'
import { run as runCommand } from './cli-process.ts'
import { importTexts } from './import-kit.ts'
import { openSite } from './sign-in-kit.ts'
import { temporaryFolder } from './support/databases.ts'

const TOUCHES = 'touch_id,contact_id,occurred_at,channel\nT-1,c1,2026-01-01,google\nT-2,c1,2026-01-02,direct\n'
const CONTACTS = 'contact_id,created_at\nc1,2026-01-03\n'

test('corrections on the command line: make, list, revoke; words and JSON', async () => {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries({ 'touches.csv': TOUCHES, 'contacts.csv': CONTACTS })) {
    await writeFile(join(folder, name), text)
  }
  const run = (...args: string[]) => runCommand([...args, '--data', join(folder, 'data'), '--locale', 'en'])
  await run('import', folder)
  const made = await run('correct', 'T-2', '--leave-out', '--reason', 'our own test')
  expect(made).toMatchObject({ code: 0, out: '' })
  const [, id] = /^(cor_\w+): left out; 1 outcomes recomputed\.$/m.exec(made.err) ?? []
  const shown = await run('correct', '--list')
  expect(shown.out).toMatch(new RegExp(`${id} +files T-2 +left out +direct +our own test +command_line`))
  const moved = await run('correct', 'T-1', '--channel', 'direct', '--reason', 'typed in', '--json')
  expect(Corrected.parse(JSON.parse(moved.out)).correction).toMatchObject({ channel: 'direct', author: 'command_line' })
  expect((await run('correct', '--revoke', id!)).err).toBe(`${id} is revoked; 1 outcomes recomputed.\n`)
  const list = async (...more: string[]) => {
    const { corrections } = Corrections.parse(JSON.parse((await run('correct', '--list', ...more, '--json')).out))
    return corrections.map(({ touch }) => touch.id)
  }
  expect([await list(), await list('--all')]).toEqual([['T-1'], ['T-1', 'T-2']])
  for (const [args, code, words] of [
    [['T-1', '--leave-out'], 2, 'needs its reason'],
    [['T-7', '--leave-out', '--reason', 'x'], 2, 'The nearest: T-1, T-2.'],
  ] as const) {
    const refused = await run('correct', ...args)
    expect(refused).toMatchObject({ code, out: '', err: expect.stringContaining(words) })
  }
}, 60_000)

test('corrections over HTTP carry the name of who made them, and are for marketing and admins', async () => {
  const site = await openSite()
  const workspace = await site.state.openWorkspace('main')
  await importTexts(
    { env: site.env, workspace, folder: site.dataDir },
    { 'touches.csv': TOUCHES, 'contacts.csv': CONTACTS },
  )
  const as = async (role: 'marketing' | 'finance') => {
    await site.addUser(role, role)
    const client = site.client()
    await client.signIn(role)
    return client
  }
  const [marketing, finance] = [await as('marketing'), await as('finance')]
  const json = { touch: 'T-2', leave_out: true, reason: 'our own test' }
  expect((await finance.ask('/api/v1/corrections', { method: 'POST', json })).status).toBe(403)
  const made = await marketing.ask('/api/v1/corrections', { method: 'POST', json })
  expect(made.status).toBe(200)
  const { correction } = Corrected.parse(made.body)
  expect(correction).toMatchObject({ author: 'user:marketing', was: { channel: 'direct' } })
  const all = await marketing.ask('/api/v1/corrections?all=true')
  expect(Corrections.parse(all.body)).toEqual({ workspace: 'main', corrections: [correction] })
  const gone = await marketing.ask(`/api/v1/corrections/${correction.id}`, { method: 'DELETE', json: {} })
  expect(Corrected.parse(gone.body).correction.revoked_by).toBe('user:marketing')
  expect((await marketing.ask('/api/v1/corrections')).body.corrections).toEqual([])
  const bad = await marketing.ask('/api/v1/corrections', { method: 'POST', json: { touch: 'T-2', leave_out: true } })
  expect([bad.status, bad.body.error.code]).toEqual([400, 'bad_request'])
  const again = await marketing.ask(`/api/v1/corrections/${correction.id}`, { method: 'DELETE', json: {} })
  expect([again.status, again.body.error.code]).toEqual([400, 'correction_revoked'])
})
