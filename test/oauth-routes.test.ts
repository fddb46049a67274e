import { describe, expect, onTestFinished, test } from 'vitest'
import { QUIET } from '../src/server/services.ts'
import { ALL_SCOPES } from './fakes/hubspot/access.ts'
import type { HubSpotAccount } from './fakes/hubspot/account.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import { WRITE_SCOPES } from './fakes/hubspot/write.ts'
import { type HubSpot, startHubSpot } from './fakes/hubspot.ts'
import { decide } from './oauth-kit.ts'
import { type Client, openSite, type Site } from './sign-in-kit.ts'

/** Granting access over HTTP, and every way to abuse it (reliability.md §5, S1, S10, S12, S23). */

interface World {
  readonly fake: HubSpot
  readonly account: HubSpotAccount
  readonly site: Site
}

async function world(options: Parameters<typeof openSite>[0] = {}): Promise<World> {
  const fake = await startHubSpot({ limits: false, validate: false })
  onTestFinished(() => fake.close())
  const account = fake.addAccount()
  seedPortal(account, { contacts: 20, companies: 2, deals: 3, leads: 0, campaigns: 0, forms: 0, events: 0 })
  const site = await openSite({ fake, ...options })
  fake.oauth.redirectUris.add(`${site.origin}/oauth/hubspot/callback`)
  return { fake, account, site }
}

const START = '/oauth/hubspot/start'

async function start(client: Client, query = ''): Promise<string> {
  const { status, headers, text } = await client.ask(`${START}${query}`)
  expect(status, text).toBe(302)
  return headers.location!
}

/** Through the page of the source. @returns path and query that it leads back to */
async function granted(client: Client, { account }: World, decision = 'approve', query = ''): Promise<string> {
  const back = await decide(await start(client, query), account, decision)
  return back.pathname + back.search
}

test('a person grants access: connection, first run, console; no secret in any address or log', async () => {
  const here = await world()
  const { site, account, fake } = here
  const client = site.client()
  const to = new URL(await start(client, '?conditional=forms'))
  expect(to.searchParams.get('redirect_uri')).toBe(`${site.origin}/oauth/hubspot/callback`)
  expect(to.searchParams.get('state')).toMatch(/^[\w-]{43}$/)
  expect(to.searchParams.get('code_challenge_method')).toBe('S256')
  expect(to.searchParams.get('scope')).toMatch(/ forms$/)
  const back = await decide(to.href, account)
  const done = await client.ask(back.pathname + back.search)
  expect(done.status, done.text).toBe(303)
  const [connection] = await site.state.connections()
  expect(done.headers.location).toBe(`${site.origin}/console/?workspace=main&connected=${connection!.id}`)
  expect(done.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  await expect.poll(async () => (await site.state.connections())[0]!.state, { timeout: 10_000 }).toBe('active')
  // Nothing is left of the grant in the browser, and nothing of it was ever written.
  expect([...client.cookies.keys()]).toEqual([])
  const all = site.logged.join('\n')
  for (const secret of [...fake.oauth.asked.flatMap((body) => Object.values(body)), to.searchParams.get('state')!]) {
    if (secret.length > 30 && !secret.startsWith('http') && secret !== fake.oauth.clientId)
      expect(all).not.toContain(secret)
  }
  expect(all).not.toContain('canary-')
  const audit = JSON.stringify(await site.state.audit(connection!.tenant))
  expect(audit).not.toContain('canary-')
  const status = await client.ask('/api/v1/connections')
  expect(status.text).not.toContain('canary-')
})

test('the same account again is the same connection, and asks for what it had', async () => {
  const here = await world()
  const client = here.site.client()
  await client.ask(await granted(client, here, 'approve', '?conditional=forms'))
  const [first] = await here.site.state.connections()
  const again = new URL(await start(client, `?again=${first!.id}`))
  expect(again.searchParams.get('scope')).toMatch(/ forms$/)
  const back = await decide(again.href, here.account)
  expect((await client.ask(back.pathname + back.search)).status).toBe(303)
  expect((await here.site.state.connections()).map(({ id }) => id)).toEqual([first!.id])
})

describe('what access is for beside reading', () => {
  const asked = (address: string) => {
    const { searchParams } = new URL(address)
    const scopes = (name: string) => (searchParams.get(name) ?? '').split(' ')
    return { must: scopes('scope'), may: scopes('optional_scope') }
  }
  const all = ({ must, may }: ReturnType<typeof asked>) => [...must, ...may]

  test('an ordinary install asks for nothing that writes; whoever wants it names it', async () => {
    const here = await world()
    const client = here.site.client()
    const plain = asked(await start(client))
    expect(all(plain).filter((scope) => /write|revenue/.test(scope))).toEqual([])
    const writing = asked(await start(client, '?with=write_back'))
    expect(writing.must).toEqual(plain.must)
    expect(writing.may.toSorted()).toEqual([...plain.may, ...WRITE_SCOPES].toSorted())
    const both = asked(await start(client, '?with=write_back&with=compare'))
    expect(both.must).toEqual([...plain.must, 'marketing.campaigns.read', 'marketing.campaigns.revenue.read'])
    expect(both.may).toEqual(writing.may)
    for (const query of ['?with=delete', '?with=write_back&with=x', '?with[]=write_back&with[a]=b']) {
      expect((await client.ask(`${START}${query}`)).status, query).toBe(400)
    }
  })

  test('granted once more it is asked for again, and what was chosen for the connection stays', async () => {
    const here = await world()
    const { account, site } = here
    account.setScopes([...ALL_SCOPES, ...WRITE_SCOPES])
    const client = site.client()
    await client.ask(await granted(client, here))
    const [first] = await site.state.connections()
    await site.services.change_connection({ id: first!.id, settings: { write_back: 'true' }, title: 'Ours' }, QUIET)
    const had = async () => {
      const workspace = (await site.state.workspaces())[0]!
      return site.sources.grantedScopes(workspace, first!.id)
    }
    expect((await had()).filter((scope) => scope.endsWith('.write'))).toEqual([])
    // The address that the refusal of a write-back names.
    await client.ask(await granted(client, here, 'approve', `?workspace=main&again=${first!.id}&with=write_back`))
    expect((await had()).filter((scope) => scope.endsWith('.write')).toSorted()).toEqual(WRITE_SCOPES.toSorted())
    const again = asked(await start(client, `?again=${first!.id}`))
    expect(again.may).toEqual(expect.arrayContaining([...WRITE_SCOPES]))
    expect(again.must).not.toContain('marketing.campaigns.revenue.read')
    const [now] = await site.state.connections()
    expect(now).toMatchObject({ id: first!.id, title: 'Ours', settings: { write_back: true } })
  })

  test('an account that has not what must be there grants nothing, and its connection stays as it was', async () => {
    const here = await world()
    const { account, site, fake } = here
    const client = site.client()
    await client.ask(await granted(client, here))
    const before = await site.state.connections()
    const secrets = await site.state.secrets(before[0]!.id)
    account.removeScopes('marketing.campaigns.revenue.read')
    const page = new URL(await start(client, `?again=${before[0]!.id}&with=compare`))
    const decide = new URLSearchParams([
      ...page.searchParams,
      ['account', String(account.portalId)],
      ['decision', 'approve'],
    ])
    const refused = await fetch(`${fake.origin}/oauth/decide?${decide}`, { redirect: 'manual' })
    expect([refused.status, refused.headers.get('location')]).toEqual([403, null])
    expect((await site.state.connections()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(await site.state.secrets(before[0]!.id)).toEqual(secrets)
  })
})

describe('S1 the way back', () => {
  const refused = async (here: World, client: Client, path: string, code = 400) => {
    const { status, headers, text } = await client.ask(path)
    expect(status, text).toBe(code)
    expect(headers['content-type']).toMatch(/^text\/html/)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers.location).toBeUndefined()
    expect(text).toContain('Not connected')
    expect(text).toContain('未能连接')
    expect(text).not.toMatch(/canary|<script|at file:|node_modules|SELECT/)
    expect(await here.site.state.connections()).toEqual([])
    return text
  }

  test('without a state, with half of one, with two', async () => {
    const here = await world()
    const client = here.site.client()
    const back = await granted(client, here)
    const callback = '/oauth/hubspot/callback'
    const code = new URLSearchParams(back.split('?')[1]).get('code')
    const state = new URLSearchParams(back.split('?')[1]).get('state')
    for (const query of ['', `?code=${code}`, `?code=${code}&state=`, `?code=${code}&state=${state!.slice(0, 20)}`]) {
      await refused(here, client, callback + query)
    }
    await refused(here, client, `${callback}?code=${code}&state=${state}&state=${state}`)
    await refused(here, client, `${callback}?code[]=${code}&state[]=${state}`)
    expect(here.fake.oauth.asked).toEqual([])
  })

  test('a state used twice', async () => {
    const here = await world()
    const client = here.site.client()
    const back = await granted(client, here)
    const cookies = new Map(client.cookies)
    expect((await client.ask(back)).status).toBe(303)
    for (const [name, value] of cookies) client.cookies.set(name, value)
    const asked = here.fake.oauth.asked.length
    expect((await client.ask(back)).status).toBe(400)
    expect(here.fake.oauth.asked).toHaveLength(asked)
  })

  test('a foreign state: the victim follows a link that the attacker began', async () => {
    const here = await world()
    const attacker = here.site.client()
    const victim = here.site.client()
    const back = await granted(attacker, here)
    await refused(here, victim, back)
    // And the attempt has used it up.
    await refused(here, attacker, back)
    expect(here.fake.oauth.asked).toEqual([])
  })

  test('a code of another session under a state of one’s own', async () => {
    const here = await world()
    const [attacker, victim] = [here.site.client(), here.site.client()]
    const stolen = new URLSearchParams((await granted(victim, here)).split('?')[1]).get('code')
    const own = new URLSearchParams((await granted(attacker, here)).split('?')[1]).get('state')
    // The verifier is that of the other session: the source refuses the code.
    await refused(here, attacker, `/oauth/hubspot/callback?code=${stolen}&state=${own}`, 503)
  })

  test('an expired state', async () => {
    const here = await world()
    const client = here.site.client()
    const back = await granted(client, here)
    const past = `UPDATE ticket SET expires_at = '2020-01-01T00:00:00.000Z'`
    const { openSqlite } = await import('../src/state/sqlite.ts')
    const engine = openSqlite(here.site.dataDir)
    await engine.run(past)
    await engine.close()
    await refused(here, client, back)
  })

  test('another connector under the same state', async () => {
    const here = await world()
    const client = here.site.client()
    const back = await granted(client, here)
    await refused(here, client, back.replace('/hubspot/', '/salesforce/'))
  })

  test('a person who says no, and a source that fails', async () => {
    const here = await world()
    const client = here.site.client()
    expect(await refused(here, client, await granted(client, here, 'deny'), 403)).toContain('not granted')
    const state = new URL(await start(client)).searchParams.get('state')
    await refused(
      here,
      client,
      `/oauth/hubspot/callback?error=server_error&error_description=%3Cscript%3E&state=${state}`,
    )
  })

  test('no parameter leads anywhere else', async () => {
    const here = await world()
    const client = here.site.client()
    for (const name of ['redirect', 'redirect_uri', 'next', 'return_to', 'url']) {
      const { status, headers } = await client.ask(`${START}?${name}=https://evil.example/`)
      expect(status).toBe(400)
      expect(headers.location).toBeUndefined()
    }
    const back = await granted(client, here)
    const done = await client.ask(`${back}&redirect=https://evil.example/&redirect_uri=https://evil.example/`)
    expect(done.headers.location).toMatch(new RegExp(`^${here.site.origin}/console/`))
  })

  test('a forged Host changes no address', async () => {
    const here = await world({ publicUrl: 'https://roi.example.com', host: '0.0.0.0' })
    await here.site.addUser('root', 'admin')
    const client = here.site.client()
    await client.signIn('root')
    const { status, headers } = await client.ask(START, {
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    })
    expect(status).toBe(302)
    const to = new URL(headers.location!)
    expect(to.origin).toBe(here.fake.origin)
    expect(to.searchParams.get('redirect_uri')).toBe('https://roi.example.com/oauth/hubspot/callback')
  })
})

describe('with people who sign in', () => {
  test('only who may manage begins, and only who began ends', async () => {
    const here = await world()
    for (const [name, role] of [
      ['root', 'admin'],
      ['boss', 'admin'],
      ['mary', 'marketing'],
    ] as const) {
      await here.site.addUser(name, role)
    }
    const nobody = here.site.client()
    const sent = await nobody.ask(`${START}?workspace=main`)
    expect(sent.status).toBe(302)
    expect(sent.headers.location).toBe(`/sign-in/?next=${encodeURIComponent(`${START}?workspace=main`)}`)
    const mary = here.site.client()
    await mary.signIn('mary')
    expect((await mary.ask(START)).status).toBe(403)
    const root = here.site.client()
    await root.signIn('root')
    const back = await granted(root, here)
    // The same browser, another person: the cookie of the grant is there, the session is not the one that began.
    await root.signIn('boss')
    expect((await root.ask(back)).status).toBe(400)
    const own = await granted(root, here)
    await root.ask('/api/v1/session', { method: 'DELETE', json: {} })
    expect((await root.ask(own)).status).toBe(401)
    expect(await here.site.state.connections()).toEqual([])
  })

  test('another name of this machine is led to the one that comes back', async () => {
    const here = await world()
    const port = new URL(here.site.origin).port
    const { headers } = await here.site
      .client()
      .ask(`${START}?workspace=main`, { headers: { host: `127.0.0.1:${port}` } })
    expect(headers.location).toBe(`http://localhost:${port}${START}?workspace=main`)
  })

  test('S3 a workspace of others is not there', async () => {
    const here = await world()
    await here.site.state.openWorkspace('other')
    await here.site.addUser('root', 'admin', ['main'])
    const client = here.site.client()
    await client.signIn('root')
    const { status, text } = await client.ask(`${START}?workspace=other`)
    expect(status).toBe(404)
    expect(text).toContain('Known: main.')
  })
})

test('without a registered app nothing can be granted, and the refusal says what to set', async () => {
  const site = await openSite()
  const client = site.client()
  const { status, text } = await client.ask(START)
  expect(status).toBe(400)
  expect(text).toContain('ROI_PANEL_HUBSPOT_CLIENT_ID')
  expect((await client.ask('/api/v1/oauth')).body).toEqual([])
})

test('S23 what nobody expected is told by an id only', async () => {
  const here = await world()
  const client = here.site.client()
  const back = await granted(client, here)
  here.site.sources.connectGrant = async () => {
    throw new Error('SELECT secret FROM /srv/roi canary-x')
  }
  const { status, text } = await client.ask(back)
  expect(status).toBe(500)
  expect(text).not.toMatch(/SELECT|canary|\/srv/)
  const id = /<code>([0-9a-f-]{36})<\/code>/.exec(text)![1]!
  expect(here.site.logged.join('\n')).toContain(id)
})

test('the app is listed with its scopes for who may grant', async () => {
  const here = await world()
  const [info] = (await here.site.client().ask('/api/v1/oauth')).body
  expect(info).toMatchObject({ connector: 'hubspot', conditional: ['marketing.campaigns.read', 'forms'] })
  expect(info.on_demand).toEqual([
    { purpose: 'write_back', optional: expect.arrayContaining([...WRITE_SCOPES]), conditional: [] },
    { purpose: 'compare', optional: [], conditional: ['marketing.campaigns.read', 'marketing.campaigns.revenue.read'] },
  ])
})
