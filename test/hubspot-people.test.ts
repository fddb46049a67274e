import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { QUIET } from '../src/server/services.ts'
import {
  type Call,
  fetchSigned,
  get,
  oneTime,
  opened,
  openWorld,
  PORTAL,
  post,
  refusal,
  type World,
  wish,
} from './embed-kit.ts'
import { OWNED } from './support/owned-records.ts'

/** F135: a user sees only what the CRM shows him. People of the portal are Li, who owns deal 101, and Zhao, who owns 103. */
const LI: Call = { user: '11', email: 'li@x.cn' }
const ZHAO: Call = { user: '13', email: 'zhao@x.cn' }
const OUT = [403, 'no_access']
const UNKNOWN = [404, 'unknown_record']
const deal = (object_id: string) => ({ object_type: 'deals', object_id, locale: 'en' })

let world: World
beforeEach(async () => {
  world = await openWorld({ userless: true, records: OWNED })
})
afterEach(() => world.close())

const portfolio = (call: Call, body: object = { locale: 'en' }) => fetchSigned(world, 'portfolio', body, call)
const record = (call: Call, object: object) => fetchSigned(world, 'record', { locale: 'en', ...object }, call)
const session = (call: Call, object: object = {}) =>
  fetchSigned(world, 'embed-session', { locale: 'en', ...object, request_id: wish() }, call)
const add = (name: string, tenants: readonly number[] | null = null) =>
  world.state.addUser({ name, role: 'sales', tenants, password: 'x' })
/** The connection with other settings, as connecting anew stores them. */
const set = (settings: Record<string, unknown>) =>
  world.state.saveConnection(world.workspaces.main.tenant, {
    connector: 'hubspot',
    externalAccountId: PORTAL,
    title: 'HubSpot',
    settings,
    secrets: { token: 'pat-62515-0123456789' },
    everyMinutes: 15,
  })

describe('the workspace', () => {
  test('is not for a person whom the service does not know; the refusal says what an administrator does', async () => {
    const answer = await portfolio(LI)
    expect(refusal(answer)).toEqual(OUT)
    expect(answer.body.error.message).toContain('li@x.cn')
    expect(answer.body.error.remedy).toContain('roi-panel users add li@x.cn --workspaces main')
    expect(answer.body.error.remedy).toContain(
      `roi-panel connections set ${world.connections.main.id} page_people=everyone --workspace main`,
    )
    expect(JSON.stringify(answer.body)).not.toContain('501')
    expect(refusal(await session(LI))).toEqual(OUT)
    const chinese = await portfolio(LI, { locale: 'zh-CN' })
    expect(chinese.body.error.remedy).toMatch(/\p{Script=Han}.*roi-panel users add li@x\.cn --workspaces main/u)
  })

  test('what is copied into a shell is an address and nothing else', async () => {
    for (const email of ['a$(reboot)@x.cn', '`id`@x.cn', 'a;b@x.cn', '-x@x.cn', "a'b@x.cn"]) {
      const { remedy } = (await portfolio({ user: '31', email })).body.error
      expect(remedy, email).toContain('"roi-panel users add E-MAIL --workspaces main"')
    }
    const nameless = (await portfolio({ user: '31', email: '' })).body.error
    expect(nameless.remedy).toContain('page_people=everyone')
    expect(nameless.remedy).not.toContain('users add')
  })

  test('is for users of the service that may see it, from the moment they are added, and until they are removed', async () => {
    const { id } = await add('Li@X.cn')
    expect((await portfolio(LI)).body.workspace.key).toBe('main')
    expect((await session(LI)).status).toBe(200)
    expect(refusal(await portfolio(ZHAO))).toEqual(OUT)
    // The address decides, not whoever else signs the same number.
    expect(refusal(await portfolio({ ...LI, email: 'other@x.cn' }))).toEqual(OUT)
    expect(refusal(await portfolio({ ...LI, email: '' }))).toEqual(OUT)
    await world.state.removeUser(id)
    expect(refusal(await portfolio(LI))).toEqual(OUT)
  })

  test('is for everyone where the connection says so, but never for a user who is kept out', async () => {
    await set({ page_people: 'everyone' })
    expect((await portfolio(LI)).status).toBe(200)
    expect((await portfolio({ user: '99', email: '' })).status).toBe(200)
    await add('zhao@x.cn', [world.workspaces.other.tenant])
    expect(refusal(await portfolio(ZHAO))).toEqual(OUT)
    expect(refusal(await session(ZHAO))).toEqual(OUT)
    expect(refusal(await record(ZHAO, deal('103')))).toEqual(OUT)
    expect(refusal(await session(ZHAO, deal('103')))).toEqual(OUT)
    expect(refusal(await fetchSigned(world, 'connection', { locale: 'en' }, ZHAO))).toEqual(OUT)
  })

  test('settings changed by the command that the refusal names hold at once', async () => {
    const change = (settings: Record<string, unknown>) =>
      world.services.change_connection({ workspace: 'main', id: world.connections.main.id, settings }, QUIET)
    await change({ page_people: 'everyone' })
    expect((await portfolio(LI)).status).toBe(200)
    expect((await record(LI, deal('103'))).status).toBe(200)
    await change({ page_people: '', record_people: 'owned' })
    expect(refusal(await portfolio(LI))).toEqual(OUT)
    expect(refusal(await record(LI, deal('103')))).toEqual(UNKNOWN)
    await expect(change({ page_people: 'all' })).rejects.toMatchObject({ code: 'bad_connection_settings' })
  })

  test('settings that nobody understands give the least right', async () => {
    await set({ page_people: 'all', record_people: 7 })
    expect(refusal(await portfolio(LI))).toEqual(OUT)
    expect(refusal(await record(LI, deal('103')))).toEqual(UNKNOWN)
    expect((await record(LI, deal('101'))).status).toBe(200)
  })

  test('an open session of it ends with the right to see it, and what was not opened is not opened', async () => {
    await set({ page_people: 'everyone' })
    const waiting = await oneTime(world, {}, LI)
    const { token, renewal } = await opened(world, {}, LI)
    expect((await get(world, 'drill', token)).status).toBe(200)
    await set({ page_people: 'users' })
    for (const path of ['panel', 'report', 'drill', 'explain?metric=roi', 'events']) {
      expect(refusal(await get(world, path, token)), path).toEqual(OUT)
    }
    expect(refusal(await post(world, 'embed/renew', { renewal }))).toEqual([401, 'bad_embed_token'])
    expect(refusal(await post(world, 'embed/exchange', { token: waiting }))).toEqual([401, 'bad_embed_token'])
    await add('li@x.cn')
    expect((await get(world, 'drill', token)).status).toBe(200)
    expect((await post(world, 'embed/renew', { renewal })).status).toBe(200)
  })

  test('an open session of any kind ends for a user who is kept out since', async () => {
    const { id } = await add('li@x.cn')
    const whole = await opened(world, {}, LI)
    const one = await opened(world, deal('101'), LI)
    await world.state.changeUser(id, { tenants: [world.workspaces.other.tenant] })
    expect(refusal(await get(world, 'panel', whole.token))).toEqual(OUT)
    expect(refusal(await get(world, 'record', one.token))).toEqual(OUT)
    for (const { renewal } of [whole, one]) {
      expect(refusal(await post(world, 'embed/renew', { renewal }))).toEqual([401, 'bad_embed_token'])
    }
  })
})

describe('records', () => {
  test('are shown to whoever HubSpot shows them, unless the connection says otherwise', async () => {
    for (const id of ['101', '103']) expect((await record(LI, deal(id))).status).toBe(200)
    expect((await record({ user: '99', email: '' }, { object_type: 'companies', object_id: '51' })).status).toBe(200)
    expect((await session(LI, deal('103'))).status).toBe(200)
  })

  test('owned: his, his team’s and nobody’s; of the others an answer tells nothing, not even that they are there', async () => {
    await set({ record_people: 'owned' })
    for (const id of ['101', '102', '104']) {
      expect((await record(LI, deal(id))).body.record?.id, id).toBe(id)
      expect((await session(LI, deal(id))).status, id).toBe(200)
    }
    const said = async (object_type: string, object_id: string, path: typeof record | typeof session) => {
      const answer = await path(LI, { object_type, object_id })
      expect(refusal(answer)).toEqual(UNKNOWN)
      expect(JSON.stringify(answer.body)).not.toMatch(/Zhao|777/)
      const { request_id, ...error } = answer.body.error
      expect(request_id).toBeTruthy()
      return JSON.stringify(error).replaceAll(object_id, '<id>')
    }
    for (const [type, id] of [
      ['deals', '103'],
      ['companies', '51'],
      ['contacts', '61'],
    ] as const) {
      expect(await said(type, id, record)).toBe(await said(type, '998', record))
      expect(await said(type, id, session)).toBe(await said(type, '998', session))
    }
  })

  test('owned: a company and a contact list the deals he sees, and none of another', async () => {
    await set({ record_people: 'owned' })
    for (const object of [
      { object_type: 'companies', object_id: '50' },
      { object_type: 'contacts', object_id: '60' },
    ]) {
      const own = (await record(LI, object)).body
      expect(own.deals.map(({ name }: { name: string }) => name).sort()).toEqual(['Of nobody', 'Of the team', 'Own'])
      expect(own.deals_count).toBe(3)
      expect(JSON.stringify(own)).not.toMatch(/Zhao|777/)
    }
  })

  test('owned: users of the service see all of them', async () => {
    await set({ record_people: 'owned' })
    await add('li@x.cn')
    expect((await record(LI, deal('103'))).body.record.name).toBe('Of Zhao')
    expect((await record(LI, { object_type: 'companies', object_id: '50' })).body.deals_count).toBe(4)
  })

  test('owned: who asks is what HubSpot signs, not what the card writes', async () => {
    await set({ record_people: 'owned' })
    const zhao = { user: '13', email: 'zhao@x.cn', source: 'hubspot' }
    for (const lie of [{ viewer: zhao }, { viewer: null }, { userId: '13', userEmail: 'zhao@x.cn' }]) {
      expect(refusal(await record(LI, { ...deal('103'), ...lie }))).toEqual(UNKNOWN)
    }
    const { token } = await opened(world, deal('101'), LI)
    for (const query of ['viewer=x', 'viewer[user]=13', `viewer=${encodeURIComponent(JSON.stringify(zhao))}`]) {
      expect((await get(world, `record?${query}`, token)).body.record?.id, query).toBe('101')
    }
    const shared = await opened(world, { object_type: 'companies', object_id: '50' }, LI)
    expect((await get(world, 'record?viewer=x', shared.token)).body.deals_count).toBe(3)
  })

  test('owned: an open session is asked anew with every request', async () => {
    const his = await opened(world, deal('103'), LI)
    const shared = await opened(world, { object_type: 'companies', object_id: '50' }, LI)
    expect((await get(world, 'record', his.token)).body.record.name).toBe('Of Zhao')
    expect((await get(world, 'record', shared.token)).body.deals_count).toBe(4)
    await set({ record_people: 'owned' })
    expect(refusal(await get(world, 'record', his.token))).toEqual(UNKNOWN)
    const next = await post(world, 'embed/renew', { renewal: his.renewal })
    expect(refusal(await get(world, 'record', next.body.token))).toEqual(UNKNOWN)
    const answer = await get(world, 'record', shared.token)
    expect(answer.body.deals_count).toBe(3)
    expect(JSON.stringify(answer.body)).not.toMatch(/Of Zhao|777/)
    await add('li@x.cn')
    expect((await get(world, 'record', his.token)).body.record.name).toBe('Of Zhao')
  })

  test('owned: before the first run is done, what is not there and what is another’s are pending alike', async () => {
    const early = await openWorld({ userless: true, records: OWNED, complete: false })
    try {
      await early.state.saveConnection(early.workspaces.main.tenant, {
        connector: 'hubspot',
        externalAccountId: PORTAL,
        title: 'HubSpot',
        settings: { record_people: 'owned' },
        secrets: {},
        everyMinutes: 15,
      })
      for (const id of ['103', '998']) {
        expect(refusal(await fetchSigned(early, 'record', deal(id), LI))).toEqual([409, 'pending'])
      }
    } finally {
      await early.close()
    }
  })
})
