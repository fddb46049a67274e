import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { fileKeys } from '../src/state/key-file.ts'
import { generateEntry, listedKeys } from '../src/state/key-list.ts'
import type { KeyRing } from '../src/state/keyring.ts'
import { newKey, seal, toKey, unseal } from '../src/state/keyring.ts'
import { openPostgresState } from '../src/state/postgres.ts'
import { sqlState } from '../src/state/sql-state.ts'
import { openSqlite, openState } from '../src/state/sqlite.ts'
import type { State } from '../src/state/state.ts'
import { run, start } from './cli-process.ts'
import { ENGINES, statePlace, temporaryFolder, testProfile } from './support/databases.ts'

const PLACE = { tenant: 1, connection: 'con_1', field: 'token' }

function failure(work: () => unknown): { code: string; said: string } {
  try {
    work()
  } catch (error) {
    if (!isRoiError(error)) throw error
    return { code: error.code, said: LOCALES.map((locale) => error.describe(locale)).join('\n') }
  }
  throw new Error('no failure')
}

describe('sealing', () => {
  const key = toKey('a', newKey().bytes)

  test('a text comes back as it was, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [one, two] = [seal(key, PLACE, text), seal(key, PLACE, text)]
        expect(one).not.toBe(two)
        expect(unseal(key, PLACE, one)).toBe(text)
        expect(unseal(key, PLACE, two)).toBe(text)
      }),
    )
  })

  test('every changed bit shows', () => {
    const sealed = seal(key, PLACE, 'secret')
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(unseal(key, PLACE, `v1.${changed.toString('base64url')}`)).toBeUndefined()
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(unseal(key, PLACE, `v1.${bytes.subarray(0, length).toString('base64url')}`)).toBeUndefined()
    }
  })

  test('it opens at its place only, and with its key only', () => {
    const sealed = seal(key, PLACE, 'secret')
    const elsewhere = [
      { ...PLACE, tenant: 2 },
      { ...PLACE, connection: 'con_2' },
      { ...PLACE, field: 'token2' },
      { tenant: 1, connection: 'con_1"', field: ',"token' },
    ]
    for (const place of elsewhere) expect(unseal(key, place, sealed)).toBeUndefined()
    expect(unseal(toKey('a', newKey().bytes), PLACE, sealed)).toBeUndefined()
  })

  test('no log and no JSON shows a key', async () => {
    const { entry } = generateEntry()
    const { inspect } = await import('node:util')
    const ring = listedKeys(entry)
    const bytes = Buffer.from(entry.split(':')[1]!, 'base64')
    const shown = [inspect(ring, { depth: 9 }), JSON.stringify(ring), inspect(ring.keys(), { depth: 9 })].join()
    for (const form of ['base64', 'hex'] as const) expect(shown).not.toContain(bytes.toString(form))
    expect(shown).not.toContain([...bytes].join(','))
  })
})

describe('ROI_PANEL_KEYS', () => {
  const good = () => generateEntry().entry
  const encoded = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64')

  test('several keys, the first one current', () => {
    const [one, two] = [good(), good()]
    const ring = listedKeys(` ${one} , ${two} `)
    expect(ring.keys().map(({ id }) => id)).toEqual([one, two].map((entry) => entry.split(':')[0]))
    expect(listedKeys(`a:${good().split(':')[1]!.replace('=', '')}`).keys()).toHaveLength(1)
  })

  const repeated = good()
  test.each([
    ['', 'not of the form'],
    ['secret', 'not of the form'],
    [`:${encoded(newKey().bytes)}`, 'not of the form'],
    [`a b:${encoded(newKey().bytes)}`, 'not of the form'],
    [`a:${encoded(newKey().bytes.subarray(0, 16))}`, '32 bytes'],
    [`a:${encoded(Buffer.concat([newKey().bytes, newKey().bytes]))}`, '32 bytes'],
    ['a:hunter2', '32 bytes'],
    [`a:${encoded(newKey().bytes)}!`, '32 bytes'],
    [`a:${encoded(Buffer.alloc(32))}`, 'not random'],
    [`a:${encoded(Buffer.alloc(32, 7))}`, 'not random'],
    [`a:${encoded(Buffer.from('0123'.repeat(8)))}`, 'not random'],
    [`a:${encoded('correct horse battery staple 123')}`, 'not random'],
    [`${good()},`, 'entry 2'],
    [`${repeated},${repeated}`, 'twice'],
    [`${repeated},b:${repeated.split(':')[1]}`, 'twice'],
    [`${repeated},${repeated.split(':')[0]}:${good().split(':')[1]}`, 'twice'],
  ])('%j is refused: %s', (text, problem) => {
    const { code, said } = failure(() => listedKeys(text))
    expect(code).toBe('bad_keys')
    expect(said).toContain(problem)
    expect(said).toContain('roi-panel keys generate')
    for (const entry of text.split(',')) {
      const value = entry.split(':')[1]
      if (value) expect(said).not.toContain(value)
    }
  })
})

describe('the key file', () => {
  test('is made on first need, for its owner only, and read again', async () => {
    const folder = await temporaryFolder()
    const [key] = fileKeys(folder).keys()
    const path = join(folder, 'keys')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(fileKeys(folder).keys()[0]!.id).toBe(key!.id)
    await chmod(path, 0o644)
    fileKeys(folder).keys()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('one that is damaged is told and left as it is', async () => {
    const folder = await temporaryFolder()
    for (const text of ['', '{', '{"version":2,"keys":[]}', '{"version":1,"keys":[{"id":"a","key":"QUJD"}]}']) {
      await writeFile(join(folder, 'keys'), text)
      const { code, said } = failure(() => fileKeys(folder).keys())
      expect(code).toBe('keys_damaged')
      expect(said).not.toContain('QUJD')
      expect(await readFile(join(folder, 'keys'), 'utf8')).toBe(text)
    }
  })
})

async function connected(state: State): Promise<string> {
  const { tenant } = await state.openWorkspace('main')
  const settings = { connector: 'hubspot', externalAccountId: '1', title: 't', settings: {}, everyMinutes: null }
  return (await state.saveConnection(tenant, { ...settings, secrets: { token: 'one', refresh: 'two' } })).id
}
const SECRETS = { token: 'one', refresh: 'two' }

describe('rotation', () => {
  test('files: a new key seals everything, and the old one is gone', async () => {
    const folder = await temporaryFolder()
    const state = openState(folder)
    onTestFinished(() => state.close())
    const id = await connected(state)
    const [before] = await state.keys()
    const { resealed, keys, forgotten } = await state.rotateKeys()
    expect({ resealed, forgotten }).toEqual({ resealed: 2, forgotten: [before!.id] })
    expect(keys).toMatchObject([{ current: true, secrets: 2 }])
    expect(keys[0]!.id).not.toBe(before!.id)
    expect(await state.secrets(id)).toEqual(SECRETS)
    expect(await readFile(join(folder, 'keys'), 'utf8')).not.toContain(before!.id)
  })

  test('files: reading and writing go on meanwhile', async () => {
    const state = openState(await temporaryFolder())
    onTestFinished(() => state.close())
    const id = await connected(state)
    const work = Array.from({ length: 60 }, async (_, i) => {
      if (i % 10 === 0) await state.rotateKeys()
      else if (i % 3 === 0) await state.changeSecrets(id, { token: 'one' })
      else expect(await state.secrets(id)).toEqual(SECRETS)
    })
    await Promise.all(work)
    expect(await state.keys()).toMatchObject([{ current: true, secrets: 2 }])
  })

  test('files: ended between any two steps, no secret is lost and the next rotation finishes', async () => {
    const steps = ['add', 'added', 'keep', 'kept'] as const
    for (const at of steps) {
      const folder = await temporaryFolder()
      const real = fileKeys(folder)
      const stop = (step: (typeof steps)[number]) => {
        if (step === at) throw new Error('killed')
      }
      const ring: KeyRing = {
        ...real,
        add() {
          stop('add')
          real.add!()
          stop('added')
        },
        keep(ids) {
          stop('keep')
          real.keep!(ids)
          stop('kept')
        },
      }
      const state = sqlState(openSqlite(folder), ring)
      const id = await connected(state)
      await expect(state.rotateKeys(), at).rejects.toThrow('killed')
      await state.close()
      const next = openState(folder)
      expect(await next.secrets(id), at).toEqual(SECRETS)
      await next.rotateKeys()
      expect(await next.secrets(id), at).toEqual(SECRETS)
      expect(await next.keys(), at).toMatchObject([{ current: true, secrets: 2 }])
      await next.close()
    }
  })

  test('server: everything comes under the first key, and the others are named', async () => {
    const { url } = await statePlace('postgres')
    const [old, fresh] = [generateEntry(), generateEntry()]
    const first = await openPostgresState(url, listedKeys(old.entry))
    const id = await connected(first)
    const second = await openPostgresState(url, listedKeys(`${fresh.entry},${old.entry}`))
    expect(await second.keys()).toMatchObject([
      { id: fresh.id, current: true, secrets: 0 },
      { id: old.id, current: false, secrets: 2 },
    ])
    // Sealed by a process that knows only the old key, while the other one has begun with the new key.
    await first.changeSecrets(id, { token: 'one' })
    expect(await second.rotateKeys()).toMatchObject({
      resealed: 2,
      forgotten: [],
      keys: [{ secrets: 2 }, { secrets: 0 }],
    })
    expect(await second.secrets(id)).toEqual(SECRETS)
    const third = await openPostgresState(url, listedKeys(fresh.entry))
    expect(await third.secrets(id)).toEqual(SECRETS)
    const error = await first.secrets(id).catch((reason: unknown) => reason)
    expect(isRoiError(error) && error.code).toBe('unknown_key')
    for (const state of [first, second, third]) await state.close()
  })
})

describe.each(ENGINES)('the keys command on %s', (engine) => {
  test('lists and rotates, with a server running and without', async () => {
    const { environment, config } = await testProfile(engine)
    const state = config.databaseUrl
      ? await openPostgresState(config.databaseUrl, config.keys!)
      : openState(config.dataDir)
    await connected(state)
    await state.close()
    const listed = await run(['keys', 'list', '--json'], environment)
    expect(JSON.parse(listed.out)).toMatchObject([{ current: true, known: true, secrets: 2 }])
    const served = start(['serve'], environment)
    await served.url
    const rotated = await run(['keys', 'rotate', '--json'], environment)
    expect(JSON.parse(rotated.out)).toMatchObject({ resealed: engine === 'duckdb' ? 2 : 0 })
    served.process.kill('SIGTERM')
    expect((await served.ended).code).toBe(0)
    const words = await run(['keys', 'list'], environment)
    expect(words.out).toMatch(/^k[0-9a-f]{12} {2}2 secrets {2}current\n$/)
  })
})

test('keys generate prints an entry that works, and needs no store', async () => {
  const made = await run(['keys', 'generate'], { ROI_PANEL_DATA: '/nonexistent/x' })
  expect(made.code).toBe(0)
  expect(listedKeys(made.out.trim()).keys()).toHaveLength(1)
  const json = JSON.parse((await run(['keys', 'generate', '--json'])).out)
  expect(json.entry.startsWith(`${json.id}:`)).toBe(true)
  expect((await run(['keys'])).code).toBe(2)
  expect((await run(['keys', 'list', 'more'])).code).toBe(2)
})
