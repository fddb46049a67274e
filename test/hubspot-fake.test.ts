import { describe, expect, test } from 'vitest'
import hubspot from '../connectors/hubspot/index.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { AnyRecord as Schema } from '../src/model/records.ts'
import type { Context, IdRange, Page } from '../src/sync/contract.ts'
import { openUpstream } from '../src/sync/http/upstream.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import { startHubSpot } from './fakes/hubspot.ts'
import { HUBSPOT_SETTINGS } from './hubspot-kit.ts'
import { openPortal, reasonsOf } from './support/sync-kit.ts'

/** The connector over real sockets against the fake, through the product's own HTTP layer. */

const DRIFTS = new Set<string>()

async function portal(options: Parameters<typeof seedPortal>[1]) {
  const fake = await startHubSpot({ limits: { core: 100_000, search: 1000, associations: 1000 } })
  const account = fake.addAccount({ bigIds: true })
  seedPortal(account, { seed: 7, ...options })
  const upstream = openUpstream({ connector: hubspot, origin: fake.origin, credential: async () => account.token })
  const signal = new AbortController().signal
  const base = {
    settings: HUBSPOT_SETTINGS,
    http: upstream.http(signal),
    signal,
    identity: { externalAccountId: '', name: '' },
  }
  const context: Context<typeof HUBSPOT_SETTINGS> = {
    ...base,
    open: () => Promise.reject(new Error('no files')),
    log() {},
    drift: (field, kind) => void DRIFTS.add(`${kind} ${field}`),
    now: () => new Date(fake.clock.now()),
  }
  const identity = await hubspot.check(context)
  return {
    fake,
    account,
    context: { ...context, identity },
    async [Symbol.asyncDispose]() {
      await upstream.close()
      await fake.close()
    },
  }
}

async function all(
  pages: AsyncIterable<Page>,
): Promise<{ records: AnyRecord[]; rejected: unknown[]; deleted: string[] }> {
  const records: AnyRecord[] = []
  const rejected: unknown[] = []
  const deleted: string[] = []
  for await (const page of pages) {
    for (const record of page.records) records.push(Schema.parse(record))
    rejected.push(...(page.rejected ?? []))
    deleted.push(...(page.deleted ?? []).map(({ id }) => id))
  }
  return { records, rejected, deleted }
}

const ids = (records: readonly AnyRecord[], type: string) =>
  [...new Set(records.filter((record) => record.type === type).map(({ id }) => id))].sort()

describe('a seeded portal', () => {
  test('every stream is read whole and complete', async () => {
    await using given = await portal({ contacts: 300, leads: 40, campaigns: 2, days: 12 })
    const { account, context, fake } = given
    expect(context.identity).toMatchObject({ externalAccountId: String(account.portalId), currency: account.currency })
    const found: Record<string, AnyRecord[]> = {}
    for (const [name, stream] of Object.entries(hubspot.pull)) {
      const { records, rejected } = await all(stream.read(context, null))
      expect(rejected).toEqual([])
      found[name] = records
    }
    for (const type of ['contacts', 'companies', 'deals', 'leads'] as const) {
      const record = { contacts: 'contact', companies: 'account', deals: 'deal', leads: 'lead' }[type]
      expect(ids(found[type]!, record)).toEqual(account.ids(type).sort())
      expect(await hubspot.pull[type]!.total!(context)).toBe(account.ids(type).length)
    }
    expect(ids(found.owners!, 'owner')).toHaveLength(5)
    expect(ids(found.rates!, 'rate')).toHaveLength(3)
    expect(ids(found.campaigns!, 'campaign')).toHaveLength(2)
    const linked = [...account.marketing.campaigns.values()]
    const touched = linked.flatMap(({ id, contacts }) =>
      Object.values(contacts).flatMap((list) => list.ids.map((contact) => `${id}:${contact}`)),
    )
    const told = found.campaign_contacts!.map(({ id }) => id.split(':').slice(0, 2).join(':'))
    expect([...new Set(told)].sort()).toEqual([...new Set(touched)].sort())
    expect(found.form_submissions!.length).toBeGreaterThan(0)
    expect(found.marketing_events!.length).toBeGreaterThan(0)
    expect(found.contacts!.some(({ type }) => type === 'touch')).toBe(true)
    expect(fake.violations).toEqual([])
    expect(fake.requests.filter(({ status }) => status >= 400)).toEqual([])
  })

  test('ranges give the same as the list', async () => {
    await using given = await portal({ contacts: 900, campaigns: 1 })
    const { account, context } = given
    const { bounds, read } = hubspot.pull.contacts!.ranges!
    const range = (await bounds(context, null)) as IdRange
    const middle = account.ids('contacts').sort((a, b) => Number(BigInt(a) - BigInt(b)))[450]!
    const low = await all(read(context, { after: range.after, upto: middle }))
    const high = await all(read(context, { after: middle, upto: range.upto }))
    expect(ids(low.records, 'contact').length + ids(high.records, 'contact').length).toBe(900)
    expect(ids([...low.records, ...high.records], 'contact')).toEqual(account.ids('contacts').sort())
    expect(await bounds(context, new Date(Date.now() + 86_400_000))).toBeNull()
  })

  test('changes bring what was edited, also in bulk, and what was deleted', async () => {
    await using given = await portal({ contacts: 700, campaigns: 1 })
    const { account, context, fake } = given
    const since = new Date(fake.clock.now())
    const bulk = account.ids('contacts').slice(0, 600)
    account.updateAll('contacts', bulk, { country: 'CN' }, { at: since.getTime() + 1000 })
    account.update('contacts', account.ids('contacts')[650]!, { country: 'DE' }, { at: since.getTime() + 2000 })
    const gone = account.ids('contacts')[699]!
    account.delete('contacts', gone)
    const { records } = await all(hubspot.pull.contacts!.changes!(context, since, null))
    expect(ids(records, 'contact')).toHaveLength(601)
    const { deleted } = await all(hubspot.pull.contacts!.gone!(context, null))
    expect(deleted).toEqual([gone])
    const again = await all(hubspot.read!(context, [{ type: 'contact', id: gone }]))
    expect(again.deleted).toEqual([gone])
  })

  test('a merged record is named by the one that took it in', async () => {
    await using given = await portal({ contacts: 10, campaigns: 1 })
    const { account, context } = given
    const [winner, loser] = account.ids('contacts') as [string, string]
    account.merge('contacts', winner, loser)
    const merged = []
    for await (const page of hubspot.pull.contacts!.read(context, null)) merged.push(...(page.merged ?? []))
    expect(merged).toEqual([{ from: { type: 'contact', id: loser }, into: { type: 'contact', id: winner } }])
    const again = await all(hubspot.read!(context, [{ type: 'contact', id: loser }]))
    expect(again.deleted).toEqual([])
    expect(ids(again.records, 'contact')).toEqual([winner])
  })

  test('what the token may not see is named, and the rest is read', async () => {
    await using given = await portal({ contacts: 20, campaigns: 1 })
    const { account, context } = given
    account.removeScopes('marketing.campaigns.read', 'crm.objects.leads.read', 'forms')
    await expect(all(hubspot.pull.campaigns!.read(context, null))).rejects.toMatchObject({
      code: 'missing_scope',
      remedy: 'fix-settings',
      message: expect.stringContaining('marketing.campaigns.read'),
    })
    expect((await all(hubspot.pull.pipelines!.read(context, null))).records.length).toBeGreaterThan(0)
    expect((await all(hubspot.pull.contacts!.read(context, null))).records.length).toBeGreaterThan(20)
    account.revokeToken()
    await expect(hubspot.check(context)).rejects.toMatchObject({ code: 'unauthorized', remedy: 'fix-settings' })
  })

  test('a daily limit pauses', async () => {
    await using given = await portal({ contacts: 1, campaigns: 1 })
    const { fake, context } = given
    fake.faults.next(
      {},
      {
        name: 'daily',
        answer: () => ({ status: 429, body: { status: 'error', message: 'no more', policyName: 'DAILY' } }),
      },
    )
    await expect(hubspot.check(context)).rejects.toMatchObject({
      code: 'DAILY',
      remedy: 'wait',
      retryAt: expect.any(Date),
    })
  })

  test('no drift is told of a portal as it should be', () => {
    expect([...DRIFTS]).toEqual([])
  })
})

test('runs change nothing where nothing changed, and a second whole run takes no touches away', async () => {
  const seed = { contacts: 60, companies: 5, deals: 10, leads: 3, campaigns: 1, forms: 1, events: 1, days: 10 }
  const settings = { contact_lists: true, forms: true, marketing_events: true }
  const { kit } = await openPortal({ seed, settings })
  const complete = { state: 'complete', streams: [] }
  expect(reasonsOf(await kit.sync())).toMatchObject(complete)
  const facts = await kit.facts()
  expect(facts.touch!.length).toBeGreaterThan(30)
  expect(reasonsOf(await kit.sync())).toMatchObject(complete)
  expect(await kit.facts()).toEqual(facts)
  expect(reasonsOf(await kit.sync({ full: true }))).toMatchObject(complete)
  expect(await kit.facts()).toEqual(facts)
}, 60_000)
