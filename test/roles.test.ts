import type { Router } from 'express'
import { describe, expect, test } from 'vitest'
import type { RoiError } from '../src/errors.ts'
import { Auth } from '../src/server/auth.ts'
import { COMMANDS, needsOf, type Right, ROUTES, rightsOf } from '../src/server/auth-rights.ts'
import { budgetRoutes } from '../src/server/budgets-routes.ts'
import { connectionRoutes } from '../src/server/connection-routes.ts'
import { correctionRoutes } from '../src/server/correction-routes.ts'
import { costRoutes } from '../src/server/costs-routes.ts'
import { customerRoutes } from '../src/server/customers-routes.ts'
import { dataDrivenRoutes } from '../src/server/data-driven-routes.ts'
import { governanceRoutes } from '../src/server/governance-routes.ts'
import { REQUESTS } from '../src/server/requests.ts'
import { readRoutes } from '../src/server/routes.ts'
import { QUIET, type Services } from '../src/server/services.ts'
import { signInRoutes } from '../src/server/sign-in.ts'
import { writeRoutes } from '../src/server/uploads.ts'
import { ROLES, type Role } from '../src/state/users.ts'
import { importTexts } from './import-kit.ts'
import { type Client, openSite, PASSWORD, type Site } from './sign-in-kit.ts'

/** Roles (F117) and tenants (reliability.md §5, S3): every route by every role, every id of another workspace. */

/** What the matrix in the head of auth-rights.ts says, once more by hand. */
const MAY: Readonly<Record<Role | 'embed', readonly Right[]>> = {
  admin: ['read', 'import', 'correct', 'export', 'enter', 'close', 'manage'],
  marketing: ['read', 'import', 'correct', 'enter'],
  finance: ['read', 'export', 'enter', 'close'],
  sales: ['read'],
  embed: ['read'],
}

test('the matrix is as it was decided, and nobody may what only the machine may', () => {
  for (const [role, rights] of Object.entries(MAY)) expect(rightsOf(role as Role)).toEqual(rights)
  const machine = Object.entries(COMMANDS).filter(([, right]) => right === 'machine')
  expect(machine.map(([name]) => name)).toEqual([
    'keys',
    'rotate_keys',
    'users',
    'add_user',
    'change_user',
    'remove_user',
  ])
})

test('every command is declared, and every route of the panel API', () => {
  expect(Object.keys(COMMANDS).sort()).toEqual(Object.keys(REQUESTS).sort())
  const services = {} as Services
  const auth = new Auth({ state: {} as never, host: '127.0.0.1', publicUrl: undefined })
  const routers = [
    readRoutes(services),
    writeRoutes(services, ''),
    connectionRoutes(services),
    costRoutes(services),
    customerRoutes(services),
    dataDrivenRoutes(services),
    budgetRoutes(services),
    governanceRoutes(services),
    correctionRoutes(services),
    signInRoutes({} as never, auth),
  ]
  const found = routers.flatMap(routesOf)
  expect(found.length).toBeGreaterThan(20)
  for (const [method, path] of found) expect(needsOf(method, path), `${method} ${path}`).toBeDefined()
})

/** Methods and paths of a router. */
function routesOf(router: Router): [string, string][] {
  const { stack } = router as unknown as {
    stack: { route?: { path: string; methods: Record<string, boolean> } }[]
  }
  return stack.flatMap(({ route }) =>
    Object.keys(route?.methods ?? {}).map((method): [string, string] => [method.toUpperCase(), route!.path]),
  )
}

test.each([
  ['/PANEL', 'read'],
  ['/panel/', 'read'],
  ['/connections/con_1/sync', undefined],
  ['/connections/con_1/', 'manage'],
  ['/panel/x', undefined],
  ['/../panel', undefined],
  ['', undefined],
] as const)('GET %s needs %s', (path, needs) => {
  expect(needsOf('GET', path)).toBe(needs)
})

/** A server with a person of each role, signed in. */
async function people(): Promise<{ site: Site; clients: Map<Role, Client> }> {
  const site = await openSite()
  const clients = new Map<Role, Client>()
  for (const role of ROLES) {
    await site.addUser(role, role)
    const client = site.client()
    await client.signIn(role)
    clients.set(role, client)
  }
  return { site, clients }
}

test('every route by every role', async () => {
  const { site, clients } = await people()
  for (const { method, path, needs } of ROUTES) {
    if (needs === 'open') continue
    const address = `/api/v1${path.replace(':id', 'con_1').replace(':type', 'deals')}`
    const ask = async (client: Client) => {
      const json = method === 'GET' ? undefined : {}
      const { status, body } = await client.ask(address, { method, ...(json && { json }) })
      return [status, body?.error?.code] as const
    }
    expect(await ask(site.client())).toEqual([401, 'not_signed_in'])
    for (const role of ROLES) {
      // The stream of changes never ends; its gate is that of all others.
      if (path === '/events') continue
      const answer = await ask(clients.get(role)!)
      const what = `${role} ${method} ${path}`
      if (MAY[role].includes(needs)) expect(answer, what).not.toEqual([403, 'not_allowed'])
      else expect(answer, what).toEqual([403, 'not_allowed'])
      expect(answer[0], what).not.toBe(401)
    }
  }
})

test('an embedded panel reads its workspace and nothing else, whatever the address says', async () => {
  const state = { findSession: async () => undefined } as never
  const { gate } = new Auth({ state, host: '0.0.0.0', publicUrl: undefined })
  const ask = async (url: string, method = 'GET') => {
    const request = { method, url, path: url.split('?')[0], headers: {} }
    const response = { locals: { embed: { workspace: 'main' } } }
    let passed = false
    const next = () => {
      passed = true
    }
    try {
      await gate(request as never, response as never, next)
    } catch (error) {
      return (error as RoiError).code
    }
    return passed ? request.url : undefined
  }
  expect(await ask('/panel?by=month')).toBe('/panel?by=month&workspace=main')
  expect(await ask('/panel?workspace=other')).toBe('unknown_workspace')
  expect(await ask('/connections')).toBe('not_allowed')
  expect(await ask('/imports?name=x', 'POST')).toBe('not_allowed')
  expect(await ask('/keys')).toBe('not_found')
})

describe('beyond the routes', () => {
  test('what nobody declared is not there, also for an admin', async () => {
    const { clients } = await people()
    const { status, body } = await clients.get('admin')!.ask('/api/v1/keys')
    expect([status, body.error.code]).toEqual([404, 'not_found'])
  })

  test('HEAD needs what GET needs', async () => {
    const { site, clients } = await people()
    expect((await clients.get('sales')!.ask('/api/v1/connections', { method: 'HEAD' })).status).toBe(403)
    expect((await site.client().ask('/api/v1/panel', { method: 'HEAD' })).status).toBe(401)
  })
})

describe('S3 tenants', () => {
  /** Two workspaces with data; ids of `mine` in the hands of a user of `theirs`. */
  const world = async () => {
    const site = await openSite()
    const mine = await site.state.openWorkspace('mine', 'Canary Corp')
    await site.state.openWorkspace('theirs', 'Theirs')
    const texts = {
      'campaigns.csv': 'campaign_id,name\nK1,Canary campaign\n',
      'deals.csv': 'deal_id,name,amount,created_at,closed_at,won\nD1,Canary deal,9,2026-01-01,2026-01-02,yes\n',
    }
    const { id: undo } = await importTexts({ env: site.env, workspace: mine, folder: site.dataDir }, texts)
    const connection = await site.state.saveConnection(mine.tenant, {
      connector: 'hubspot',
      externalAccountId: '471100090817',
      title: 'Canary portal',
      settings: {},
      secrets: { token: 'canary-token-of-mine' },
      everyMinutes: null,
    })
    await site.addUser('them', 'admin', ['theirs'])
    const them = site.client()
    await them.signIn('them')
    return { site, them, undo, connection }
  }

  test('every route with the other workspace, or with its ids: as if it were not there', async () => {
    const { site, them, undo, connection } = await world()
    const ids: Readonly<Record<string, string>> = { '/imports/:id/undo': undo, '/connections': connection.id }
    for (const { method, path, needs } of ROUTES) {
      if (needs === 'open' || path === '/events') continue
      const id = path.startsWith('/imports') ? ids['/imports/:id/undo']! : connection.id
      const address = `/api/v1${path.replace(':id', id).replace(':type', 'deals')}`
      const queries = [
        '?workspace=mine',
        '?workspace=theirs&workspace=mine',
        '?workspace=&workspace=mine',
        '?workspace[]=mine',
      ]
      for (const query of [...queries, '?type=deal&id=D1', '?key=D1&metric=roi', '']) {
        const json =
          method === 'GET' ? undefined : { workspace: 'mine', connector: 'hubspot', settings: { token: 'x' } }
        const answer = await them.ask(address + query, { method, ...(json && { json }) })
        const { status } = answer
        // Random letters and digits may spell anything.
        const text = answer.text.replace(/"request_id":"[^"]*"/, '')
        const what = `${method} ${path}${query}`
        expect(text, what).not.toMatch(/canary|"mine"|471100090817/i)
        if (query.includes('mine')) expect(status, what).toBe(404)
        if (path.includes(':id')) expect(status, what).toBe(404)
        expect(status, what).not.toBe(500)
      }
    }
    expect(await site.state.findConnection(connection.tenant, connection.id)).toBeDefined()
  })

  test('an upload goes into one’s own workspace, whatever it says', async () => {
    const { site, them } = await world()
    const file = 'deal_id,name,amount,created_at,closed_at,won\nD9,Planted,1,2026-01-01,2026-01-02,yes\n'
    const put = (query: string) =>
      them.ask(`/api/v1/imports?name=deals.csv${query}`, {
        method: 'POST',
        body: file,
        headers: { 'content-type': 'application/octet-stream' },
      })
    expect((await put('&workspace=mine')).status).toBe(404)
    expect((await put('&workspace=brand-new')).status).toBe(404)
    expect((await put('')).status).toBe(200)
    const keys = (await site.state.workspaces()).map(({ key }) => key)
    expect(keys).toEqual(['main', 'mine', 'theirs'])
    const theirs = await site.services.report(
      { workspace: 'theirs', by: 'channel', from: null, to: null, date_basis: 'close' },
      QUIET,
    )
    expect(theirs.unattributed.won).toBe(1)
  })

  test('who names no workspace gets his own; the list and the refusals name no other', async () => {
    const { them } = await world()
    expect((await them.ask('/api/v1/workspaces')).body.workspaces).toMatchObject([{ key: 'theirs' }])
    expect((await them.ask('/api/v1/report')).body.query.workspace).toBe('theirs')
    const { body } = await them.ask('/api/v1/panel?workspace=mine&locale=en')
    const none = await them.ask('/api/v1/panel?workspace=nowhere&locale=en')
    expect(body.error.remedy).toBe('Known: theirs.')
    expect(none.body.error.remedy).toBe(body.error.remedy)
    expect(none.body.error.message.replace('nowhere', 'mine')).toBe(body.error.message)
  })

  test('a user of no workspace sees none', async () => {
    const { site } = await world()
    await site.services.add_user({ name: 'empty', role: 'admin', password: PASSWORD, workspaces: [] }, QUIET)
    const client = site.client()
    await client.signIn('empty')
    expect((await client.ask('/api/v1/panel')).status).toBe(404)
    expect((await client.ask('/api/v1/connections')).status).toBe(404)
  })
})
