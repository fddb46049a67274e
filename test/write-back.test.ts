import { describe, expect, test } from 'vitest'
import files from '../connectors/files/index.ts'
import { OWN_PROPERTIES } from '../connectors/hubspot/write-back.ts'
import { WriteBack } from '../src/api.ts'
import { isRoiError } from '../src/errors.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import { QUIET } from '../src/server/services.ts'
import type { Purpose } from '../src/sync/contract.ts'
import { newVerifier } from '../src/sync/oauth.ts'
import { ALL_SCOPES } from './fakes/hubspot/access.ts'
import { updatesOf, WRITE_SCOPES } from './fakes/hubspot/write.ts'
import { decide, openGranted, REDIRECT } from './oauth-kit.ts'
import { ENGINES } from './support/databases.ts'
import { openPortal, type PortalOptions } from './support/sync-kit.ts'

const SEED = { contacts: 130, companies: 6, deals: 30, leads: 0, campaigns: 1, forms: 0, events: 0 }

async function open(options: PortalOptions & { readonly scopes?: readonly string[] } = {}) {
  const { scopes = [...ALL_SCOPES, ...WRITE_SCOPES], ...rest } = options
  const portal = await openPortal({ seed: SEED, settings: { write_back: true }, ...rest })
  portal.account.setScopes(scopes)
  const { database, state, sources, place } = portal.kit
  const outcome = await portal.kit.sync()
  expect(outcome.state).toBe('complete')
  const env = { database, state, sources, connector: files, dataDir: place.folder, demo: false, template: () => '' }
  const services = createServices({ ...env, connectors: async () => [] } as unknown as ProductEnv)
  const write = (dry_run = false) => services.write_back({ connection: 'hubspot', dry_run }, QUIET)
  const bodies = () => portal.fake.requests.filter(({ path }) => /batch\/(update|create)|\/groups$/.test(path))
  return { ...portal, services, write, writes: () => bodies().filter(({ method }) => method === 'POST') }
}

const codeOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isRoiError(error)) throw error ?? new Error('it worked')
  return error
}

describe.each(ENGINES)('write-back, %s', (engine) => {
  test('fills our own properties, and sends nothing when it is done again', async () => {
    const { account, write, writes, kit } = await open({ engine })
    const rows = await kit.database.query<{ source_id: string }>('SELECT source_id FROM deal WHERE won')
    const won = rows.map(({ source_id }) => source_id)
    expect(won.length).toBeGreaterThan(0)
    const done = WriteBack.parse(await write())
    expect(done.records).toBe(account.ids('deals').length + account.ids('contacts').length)
    expect(done.written).toBe(done.changed)
    expect(done.written).toBeGreaterThan(0)
    expect(done.failed.count).toBe(0)
    expect(done.created).toEqual([
      ...OWN_PROPERTIES.deal.properties.map(({ name }) => `deals.${name}`),
      'contacts.roi_panel_source',
    ])
    const credited = won.map((id) => account.get('deals', id)!.properties).filter((one) => one.roi_panel_source)
    expect(credited.length).toBeGreaterThan(0)
    for (const { roi_panel_source, roi_panel_credit } of credited) {
      expect(roi_panel_credit).toMatch(/^.+ \d+\.\d%( · .+ \d+\.\d%)*$/)
      expect(roi_panel_credit!.startsWith(roi_panel_source!)).toBe(true)
    }
    const open_ = account.ids('deals').filter((id) => !won.includes(id))
    for (const id of open_) expect(account.get('deals', id)!.properties.roi_panel_source).toBeUndefined()
    const before = writes().length
    const again = await write()
    expect(writes()).toHaveLength(before)
    expect([again.changed, again.written, again.created, again.unchanged]).toEqual([0, 0, [], done.records])
  })
})

test('a dry run changes nothing and needs no setting and no right to write', async () => {
  const { write, writes, account } = await open({ settings: {}, scopes: ALL_SCOPES })
  const done = await write(true)
  expect(done).toMatchObject({ dry_run: true, written: 0 })
  expect(done.changed).toBeGreaterThan(0)
  expect(done.created).toHaveLength(5)
  expect(done.values.length).toBeGreaterThan(0)
  expect(done.values.length).toBeLessThanOrEqual(100)
  expect(writes()).toEqual([])
  expect(account.properties.deals.has('roi_panel_source')).toBe(false)
})

test('it is off until a person switches it on', async () => {
  const { write, writes } = await open({ settings: {} })
  const error = await codeOf(write())
  expect([error.code, error.status]).toEqual(['write_back_off', 400])
  expect(error.remedy?.en).toContain('--dry-run')
  expect(writes()).toEqual([])
})

test('without the right to write it says which scope is missing', async () => {
  const { write, kit, writes } = await open({ scopes: ALL_SCOPES })
  const error = await codeOf(write())
  expect([error.code, error.exitCode]).toEqual(['missing_scope', 3])
  expect(error.text.en).toContain('crm.schemas.deals.write')
  expect(error.remedy?.en).toContain(`roi-panel connections set ${kit.connection.id} token=@FILE`)
  // HubSpot is what knows the scopes of a pasted token: the first wish to write was refused, and no other came.
  expect(writes().map(({ status }) => status)).toEqual([403])
})

describe('access that was granted', () => {
  const granted = async (scopes: readonly string[]) => {
    const { kit, fake, account } = await openGranted({ contacts: 30 })
    account.setScopes([...ALL_SCOPES, ...WRITE_SCOPES])
    fake.oauth.granted = scopes
    await kit.sources.change(kit.workspace, kit.connection.id, { settings: { write_back: true } }, QUIET.signal)
    const grant = async (...purposes: readonly Purpose[]) => {
      const verifier = newVerifier()
      const request = { connector: 'hubspot', redirectUri: REDIRECT, conditional: [], purposes, state: 's', verifier }
      const code = (await decide(await kit.sources.authorizeUrl(request), account)).searchParams.get('code')!
      await kit.sources.connectGrant(kit.workspace, { ...request, code }, QUIET.signal)
    }
    await grant()
    expect((await kit.sync()).state).toBe('complete')
    const { database, state, sources, place } = kit
    const env = { database, state, sources, connector: files, dataDir: place.folder, demo: false, template: () => '' }
    const webhooks = { publicUrl: 'https://roi.example.com', connectors: [] }
    const services = createServices({ ...env, webhooks, connectors: async () => [] } as unknown as ProductEnv)
    const write = () => services.write_back({ connection: 'hubspot', dry_run: false }, QUIET)
    return { kit, fake, account, grant, write }
  }

  test('without its scopes nothing is asked, and the remedy is the address that grants them', async () => {
    const { kit, fake, account, grant, write } = await granted(ALL_SCOPES)
    const before = fake.requests.length
    const error = await codeOf(write())
    expect(fake.requests.slice(before)).toEqual([])
    expect([error.code, error.exitCode]).toEqual(['missing_scope', 3])
    for (const scope of ['crm.objects.deals.write', 'crm.objects.contacts.write'])
      expect(error.text.en).toContain(scope)
    const address = /https:\S+/.exec(error.remedy!.en)![0].replace(/\.$/, '')
    const { origin, pathname, searchParams } = new URL(address)
    expect(origin + pathname).toBe('https://roi.example.com/oauth/hubspot/start')
    expect(Object.fromEntries(searchParams)).toEqual({
      workspace: 'main',
      again: kit.connection.id,
      with: 'write_back',
    })
    expect(error.remedy!['zh-CN']).toContain(address)
    // Granted again with it, the same connection writes; what was chosen for it has stayed.
    fake.oauth.granted = undefined
    await grant('write_back')
    expect((await kit.state.connections()).map(({ id }) => id)).toEqual([kit.connection.id])
    expect((await write()).written).toBeGreaterThan(0)
    expect(updatesOf(account).length).toBeGreaterThan(0)
  })

  test('scopes to write records but not to make properties: those are named, and no record was touched', async () => {
    const records = ['crm.objects.deals.write', 'crm.objects.contacts.write']
    const { account, write } = await granted([...ALL_SCOPES, ...records])
    const error = await codeOf(write())
    expect(error.text.en).toContain('crm.schemas.deals.write')
    expect(error.text.en).not.toContain('crm.objects.deals.write')
    expect(updatesOf(account)).toEqual([])
  })
})

test('a deal that is no longer won loses what was written; one that is gone is told', async () => {
  const { account, write, kit } = await open()
  await write()
  const won = account.ids('deals').filter((id) => account.get('deals', id)!.properties.roi_panel_source)
  const [reopened, gone] = won as [string, string]
  account.update('deals', reopened, { dealstage: 'appointmentscheduled', closedate: '' })
  await kit.sync()
  account.delete('deals', gone)
  const { length } = updatesOf(account)
  const done = await write()
  expect(account.get('deals', reopened)!.properties.roi_panel_source).toBeUndefined()
  expect(done.values).toContainEqual({
    type: 'deal',
    id: reopened,
    field: 'roi_panel_source',
    before: expect.any(String),
    after: null,
  })
  expect(done.failed).toEqual({ count: 1, examples: [{ type: 'deal', id: gone, message: expect.any(String) }] })
  const ids = updatesOf(account)
    .slice(length)
    .flat()
    .map(({ id }) => id)
  expect(ids).not.toContain(gone)
})

test('only our own properties are ever sent, a hundred records at a time', async () => {
  const { write, account } = await open()
  await write()
  const own = new Set(Object.values(OWN_PROPERTIES).flatMap(({ properties }) => properties.map(({ name }) => name)))
  const sent = updatesOf(account)
  expect(sent.length).toBeGreaterThan(1)
  for (const inputs of sent) {
    expect(inputs.length).toBeLessThanOrEqual(100)
    for (const { properties } of inputs) for (const name of Object.keys(properties)) expect(own).toContain(name)
  }
})

test('a property of our name and another type is left alone', async () => {
  const { account, write, writes } = await open()
  account.addProperty('deals', { name: 'roi_panel_source', type: 'number' })
  const error = await codeOf(write())
  expect(error.text.en).toContain('roi_panel_source')
  expect(writes()).toEqual([])
})
