import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isRoiError, LOCALES } from '../src/errors.ts'
import type { NewConnection, RejectedRow, State } from '../src/state/state.ts'
import { ENGINES, openStateAt, type StatePlace, statePlace } from './support/databases.ts'

const TOKEN = 'pat-na1-0123456789-very-secret'
const HUBSPOT: NewConnection = {
  connector: 'hubspot',
  externalAccountId: '77',
  title: 'Main portal',
  settings: { region: 'eu' },
  secrets: { token: TOKEN, refresh: `r-${TOKEN}` },
  everyMinutes: 15,
}

async function open(place: StatePlace, now?: () => Date): Promise<State> {
  const state = await openStateAt(place, now)
  onTestFinished(() => state.close())
  return state
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isRoiError(error)) return `no failure: ${String(error)}`
  for (const locale of LOCALES) {
    expect(error.describe(locale).length).toBeGreaterThan(20)
    expect(error.describe(locale)).not.toContain(TOKEN)
  }
  return error.code
}

/** Runs SQL behind the program's back, as someone with a hand in the store would. */
async function tamper(place: StatePlace, sql: string): Promise<void> {
  if (place.engine === 'duckdb') {
    const database = new DatabaseSync(join(place.folder, 'state.sqlite'))
    database.exec(`PRAGMA foreign_keys = OFF; ${sql}`)
    database.close()
    return
  }
  const client = new Client({ connectionString: place.url, options: '-c search_path=roi_state' })
  await client.connect()
  await client.query(sql)
  await client.end()
}

describe.each(ENGINES)('connections on %s', (engine) => {
  test('one is kept as it was given, its secrets by themselves', async () => {
    const place = await statePlace(engine)
    const state = await open(place)
    const { tenant } = await state.openWorkspace('main')
    const made = await state.saveConnection(tenant, HUBSPOT)
    expect(made).toMatchObject({
      connector: 'hubspot',
      source: 'hubspot',
      title: 'Main portal',
      settings: { region: 'eu' },
      state: 'pending',
      everyMinutes: 15,
      startedAt: null,
      result: null,
    })
    expect(made.id).toMatch(/^con_[0-9a-z]{17}$/)
    expect(JSON.stringify(made)).not.toContain(TOKEN)
    expect(await state.secrets(made.id)).toEqual(HUBSPOT.secrets)
    const again = await open(place)
    expect(await again.connections()).toEqual([made])
    expect(await again.findConnection(tenant, made.id)).toEqual(made)
    expect(await again.findConnection(tenant + 1, made.id)).toBeUndefined()
    expect(await again.secrets(made.id)).toEqual(HUBSPOT.secrets)
    const [entry] = await state.audit(tenant)
    expect(entry).toMatchObject({ action: 'connection', subject: made.id, before: null })
    expect(entry!.after).toMatchObject({ account: '77', settings: ['region'], secrets: ['token', 'refresh'] })
    expect(JSON.stringify(entry)).not.toMatch(/eu"|very-secret/)
  })

  test('the same account again replaces settings and secrets and keeps its source', async () => {
    const state = await open(await statePlace(engine))
    const { tenant } = await state.openWorkspace('main')
    const first = await state.saveConnection(tenant, HUBSPOT)
    const second = await state.saveConnection(tenant, { ...HUBSPOT, externalAccountId: '78' })
    expect(second.source).toBe('hubspot:78')
    await state.changeConnection(first.id, { state: 'reconnect' })
    const renewed = await state.saveConnection(tenant, { ...HUBSPOT, settings: {}, secrets: { token: 'new' } })
    expect(renewed).toMatchObject({ id: first.id, source: 'hubspot', settings: {}, state: 'pending' })
    expect(await state.secrets(first.id)).toEqual({ token: 'new' })
    expect(await state.secrets(second.id)).toEqual(HUBSPOT.secrets)
    expect((await state.connections(tenant)).map(({ id }) => id)).toEqual([first.id, second.id])
  })

  test('an account belongs to one workspace', async () => {
    const state = await open(await statePlace(engine))
    const [main, other] = [await state.openWorkspace('main'), await state.openWorkspace('other')]
    await state.saveConnection(main.tenant, HUBSPOT)
    expect(await rejection(state.saveConnection(other.tenant, HUBSPOT))).toBe('connected_elsewhere')
    expect(await state.connections(other.tenant)).toEqual([])
    const own = await state.saveConnection(other.tenant, { ...HUBSPOT, externalAccountId: '99' })
    expect(own.source).toBe('hubspot')
    expect(await state.connections()).toHaveLength(2)
  })

  test('what a run made of it is noted, what is left out stays', async () => {
    const state = await open(await statePlace(engine))
    const { tenant } = await state.openWorkspace('main')
    const { id } = await state.saveConnection(tenant, HUBSPOT)
    expect(await state.dataAt(tenant)).toBeNull()
    const [started, complete, resume] = [1, 2, 3].map((day) => new Date(Date.UTC(2026, 0, day)))
    await state.changeConnection(id, { state: 'paused', startedAt: started!, resumeAt: resume!, result: { rows: 3 } })
    expect(await state.findConnection(tenant, id)).toMatchObject({
      state: 'paused',
      startedAt: started,
      resumeAt: resume,
    })
    await state.changeConnection(id, { state: 'active', completeAt: complete!, resumeAt: null, everyMinutes: null })
    expect(await state.findConnection(tenant, id)).toMatchObject({
      state: 'active',
      title: 'Main portal',
      startedAt: started,
      completeAt: complete,
      resumeAt: null,
      everyMinutes: null,
      result: { rows: 3 },
    })
    await state.changeConnection(id, {})
    expect(await state.dataAt(tenant)).toEqual(complete)
    const run = await state.startImport(tenant, {
      fingerprint: 'f',
      options: { zone: 'UTC', currency: 'CNY' },
      files: [],
    })
    await state.endImport(run.id, { status: 'done' })
    expect(await state.dataAt(tenant)).toEqual((await state.findImport(tenant, run.id))!.finishedAt)
  })

  test('a removed one leaves nothing but its traces in the audit', async () => {
    const state = await open(await statePlace(engine))
    const { tenant } = await state.openWorkspace('main')
    const { id } = await state.saveConnection(tenant, HUBSPOT)
    await state.addRejects(tenant, id, 'deals', [reject('D1')])
    await state.noteDrift(tenant, id, '2026-01-01', [{ stream: 'deals', field: 'amount', kind: 'missing' }])
    await state.removeConnection(tenant + 1, id)
    expect(await state.connections()).toHaveLength(1)
    await state.removeConnection(tenant, id)
    expect(await state.connections()).toEqual([])
    expect(await state.secrets(id)).toEqual({})
    expect(await state.rejects(tenant, id)).toEqual([])
    expect(await state.drifts(tenant, id)).toEqual([])
    expect(await rejection(state.changeSecrets(id, { token: 'x' }))).toBe('unknown_connection')
    expect((await state.audit(tenant))[0]).toMatchObject({ action: 'connection', subject: id, after: null })
    expect((await state.saveConnection(tenant, HUBSPOT)).id).not.toBe(id)
  })

  test('some secrets change, the others stay', async () => {
    const state = await open(await statePlace(engine))
    const { tenant } = await state.openWorkspace('main')
    const { id } = await state.saveConnection(tenant, HUBSPOT)
    await state.changeSecrets(id, { token: '新的 ✓', extra: '' })
    expect(await state.secrets(id)).toEqual({ ...HUBSPOT.secrets, token: '新的 ✓', extra: '' })
  })
})

describe.each(ENGINES)('refused rows, leases and drift on %s', (engine) => {
  test('refused rows are forgotten by record or all at once, and later ones are added behind', async () => {
    const state = await open(await statePlace(engine))
    const { tenant } = await state.openWorkspace('main')
    const ids = Array.from({ length: 250 }, (_, i) => `D${i}`)
    await state.addRejects(tenant, 'con_1', 'deals', ids.map(reject))
    await state.addRejects(tenant, 'con_1', 'contacts', [reject('D1')])
    await state.addRejects(tenant, 'con_2', 'deals', [reject('D1')])
    expect(await state.forgetRejects(tenant, 'con_1', { part: 'deals', ids: [] })).toBe(0)
    expect(await state.forgetRejects(tenant, 'con_1', { part: 'deals', ids: ids.slice(0, 240) })).toBe(240)
    expect(await state.forgetRejects(tenant, 'con_1', { part: 'deals', ids: ['D1', 'none'] })).toBe(0)
    await state.addRejects(tenant, 'con_1', 'deals', [reject('D900')])
    const kept = await state.rejects(tenant, 'con_1')
    expect(kept.map(({ part, where }) => `${part} ${where.id}`)).toEqual([
      ...ids.slice(240).map((id) => `deals ${id}`),
      'contacts D1',
      'deals D900',
    ])
    expect(await state.forgetRejects(tenant, 'con_1')).toBe(12)
    expect(await state.rejects(tenant, 'con_1')).toEqual([])
    expect(await state.rejects(tenant, 'con_2')).toHaveLength(1)
  })

  test('one holder at a time, until it gives back or its time is over', async () => {
    const state = await open(await statePlace(engine))
    expect(await state.lease('a', 'me', 60_000)).toBe(true)
    expect(await state.lease('a', 'me', 60_000)).toBe(true)
    expect(await state.lease('a', 'you', 60_000)).toBe(false)
    expect(await state.lease('b', 'you', 60_000)).toBe(true)
    await state.release('a', 'you')
    expect(await state.lease('a', 'you', 60_000)).toBe(false)
    await state.release('a', 'me')
    expect(await state.lease('a', 'you', 0)).toBe(true)
    expect(await state.lease('a', 'me', 60_000)).toBe(true)
    await state.endLeases()
    expect(await state.lease('b', 'me', 60_000)).toBe(true)
  })

  test('of many who ask at once, one gets it', async () => {
    const place = await statePlace(engine)
    const states = [await open(place), await open(place)]
    const asked = Array.from({ length: 20 }, (_, i) => states[i % 2]!.lease('a', `holder ${i}`, 60_000))
    expect((await Promise.all(asked)).filter((held) => held)).toHaveLength(1)
  })

  test('drift is told once a day', async () => {
    const state = await open(await statePlace(engine))
    const { tenant } = await state.openWorkspace('main')
    const amount = { stream: 'deals', field: 'amount', kind: 'retyped' } as const
    const name = { stream: 'deals', field: 'name', kind: 'missing' } as const
    expect(await state.noteDrift(tenant, 'con_1', '2026-01-01', [amount])).toEqual([amount])
    expect(await state.noteDrift(tenant, 'con_1', '2026-01-01', [amount, name])).toEqual([name])
    expect(await state.noteDrift(tenant, 'con_1', '2026-01-02', [amount])).toEqual([amount])
    expect(await state.drifts(tenant, 'con_1')).toEqual([
      { day: '2026-01-02', ...amount },
      { day: '2026-01-01', ...amount },
      { day: '2026-01-01', ...name },
    ])
    expect(await state.drifts(tenant, 'con_2')).toEqual([])
  })

  test('a mark of the whole store stays until it is taken away', async () => {
    const place = await statePlace(engine)
    const state = await open(place)
    expect(await state.marked('x')).toBeNull()
    await state.mark('x', { at: 1 })
    await state.mark('x', { at: 2 })
    expect(await (await open(place)).marked('x')).toEqual({ at: 2 })
    await state.mark('x', null)
    expect(await state.marked('x')).toBeNull()
  })
})

describe.each(ENGINES)('sealed secrets on %s', (engine) => {
  async function sealed() {
    const place = await statePlace(engine)
    const state = await open(place)
    const [main, other] = [await state.openWorkspace('main'), await state.openWorkspace('other')]
    const mine = await state.saveConnection(main.tenant, HUBSPOT)
    const theirs = await state.saveConnection(other.tenant, { ...HUBSPOT, externalAccountId: '88' })
    return { place, state, main, other, mine, theirs }
  }

  test('a copy in the row of another connection, field or workspace does not open', async () => {
    const { place, state, main, other, mine, theirs } = await sealed()
    const copy = (from: string, to: string) =>
      `UPDATE secret SET sealed = (SELECT sealed FROM secret AS s WHERE ${from}) WHERE ${to}`
    const at = (id: string, field: string) => `connection_id = '${id}' AND field = '${field}'`
    await tamper(place, copy(at(mine.id, 'token'), at(theirs.id, 'token')))
    expect(await rejection(state.secrets(theirs.id))).toBe('secret_damaged')
    expect(await state.secrets(mine.id)).toEqual(HUBSPOT.secrets)
    await tamper(place, copy(at(mine.id, 'token'), at(mine.id, 'refresh')))
    expect(await rejection(state.secrets(mine.id))).toBe('secret_damaged')
    await state.changeSecrets(mine.id, HUBSPOT.secrets)
    await tamper(place, `UPDATE connection SET tenant_id = ${other.tenant}, source = 'x' WHERE id = '${mine.id}'`)
    expect(await rejection(state.secrets(mine.id))).toBe('secret_damaged')
    await tamper(place, `UPDATE connection SET tenant_id = ${main.tenant}, source = 'x' WHERE id = '${mine.id}'`)
    expect(await state.secrets(mine.id)).toEqual(HUBSPOT.secrets)
  })

  test('one with a changed bit, cut off or of another form does not open', async () => {
    const { place, state, mine } = await sealed()
    const set = (sealed: string) =>
      tamper(place, `UPDATE secret SET sealed = '${sealed}' WHERE connection_id = '${mine.id}' AND field = 'token'`)
    const texts = ['', 'v1.', 'v2.AAAA', TOKEN, `v1.${Buffer.alloc(60).toString('base64url')}`]
    for (const text of texts) {
      await set(text)
      expect(await rejection(state.secrets(mine.id)), text).toBe('secret_damaged')
    }
    await state.changeSecrets(mine.id, { token: TOKEN })
    expect(await state.secrets(mine.id)).toEqual(HUBSPOT.secrets)
  })

  test('a key that is gone is named with the way to bring it back', async () => {
    const { place, state, mine } = await sealed()
    await tamper(place, `UPDATE secret SET key_id = 'k-gone' WHERE connection_id = '${mine.id}'`)
    const error = await state.secrets(mine.id).catch((reason: unknown) => reason)
    if (!isRoiError(error)) throw error
    expect(error.code).toBe('unknown_key')
    expect(error.describe('en')).toMatch(engine === 'duckdb' ? /k-gone.*"keys".*backup/ : /k-gone.*ROI_PANEL_KEYS/)
    expect(await rejection(state.rotateKeys())).toBe('unknown_key')
    expect(await state.keys()).toMatchObject([
      { current: true, known: true, secrets: 2 },
      { id: 'k-gone', current: false, known: false, secrets: 2 },
    ])
  })

  test('the clear text is nowhere in the store', async () => {
    const { place, state, mine } = await sealed()
    await state.changeSecrets(mine.id, { token: `${TOKEN}-2` })
    const found: string[] = []
    if (engine === 'duckdb') {
      for (const name of await readdir(place.folder)) {
        if ((await readFile(join(place.folder, name))).includes('very-secret')) found.push(name)
      }
      expect(await readdir(place.folder)).toContain('keys')
    } else {
      const client = new Client({ connectionString: place.url, options: '-c search_path=roi_state' })
      await client.connect()
      const { rows } = await client.query(`SELECT table_name FROM information_schema.tables WHERE table_schema = $1`, [
        'roi_state',
      ])
      expect(rows.length).toBeGreaterThan(8)
      for (const { table_name: name } of rows) {
        const { rows: texts } = await client.query(`SELECT CAST(t AS TEXT) AS text FROM ${name} AS t`)
        if (JSON.stringify(texts).includes('very-secret')) found.push(name)
      }
      await client.end()
    }
    expect(found).toEqual([])
  })
})

function reject(id: string): RejectedRow {
  return { where: { id }, code: 'bad', message: { en: 'bad', 'zh-CN': '错误' }, raw: '{}' }
}
