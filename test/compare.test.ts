import { expect, test } from 'vitest'
import files from '../connectors/files/index.ts'
import { MODELS } from '../connectors/hubspot/compare.ts'
import { Compare } from '../src/api.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import { QUIET } from '../src/server/services.ts'
import { openGranted } from './oauth-kit.ts'
import { openPortal } from './support/sync-kit.ts'

const SEED = { contacts: 200, companies: 6, deals: 40, leads: 0, campaigns: 3, forms: 0, events: 0 }
const STREAMS = ['owners', 'pipelines', 'companies', 'contacts', 'deals', 'campaigns', 'campaign_contacts']

async function open() {
  const portal = await openPortal({ seed: SEED, streams: STREAMS, settings: { contact_lists: true } })
  const { database, state, sources, place, workspace } = portal.kit
  await state.changeSetting(workspace.tenant, 'currency', portal.account.currency)
  expect((await portal.kit.sync()).state).toBe('complete')
  const env = { database, state, sources, connector: files, dataDir: place.folder, demo: false, template: () => '' }
  const services = createServices({ ...env, connectors: async () => [] } as unknown as ProductEnv)
  const ask = (limit = 20) => services.compare({ connection: 'hubspot', limit, locale: 'en' }, QUIET)
  const asked = () => portal.fake.requests.filter(({ path }) => path.endsWith('/reports/revenue')).length
  return { ...portal, ask, asked }
}

test('nine models of HubSpot beside ours, with differences and sums', async () => {
  const { ask, asked, kit } = await open()
  const found = Compare.parse(await ask())
  expect(found.state).toBe('ok')
  expect(Object.fromEntries(found.models.map(({ id, theirs }) => [id, theirs]))).toEqual(MODELS)
  expect(found.models).toHaveLength(9)
  expect(found.campaigns.length).toBeGreaterThan(0)
  expect(asked()).toBe(found.campaigns.length * 9)
  for (const { models } of found.campaigns) {
    for (const { ours, theirs, difference } of models) {
      expect(Number(difference)).toBeCloseTo(Number(ours) - Number(theirs), 2)
    }
  }
  for (const { model, ours, theirs } of found.totals) {
    const lines = found.campaigns.flatMap(({ models }) => models.filter((line) => line.model === model))
    expect(Number(ours)).toBeCloseTo(
      lines.reduce((sum, line) => sum + Number(line.ours), 0),
      2,
    )
    expect(Number(theirs)).toBeCloseTo(
      lines.reduce((sum, line) => sum + Number(line.theirs), 0),
      2,
    )
  }
  expect(found.notes.length).toBeGreaterThan(2)
  expect(kit.logged.join()).not.toContain('Error')
})

test('campaigns beyond the limit are counted, and cost no request', async () => {
  const { ask, asked } = await open()
  const all = (await ask()).campaigns.length
  const before = asked()
  const one = await ask(1)
  expect([one.campaigns.length, one.more, asked() - before]).toEqual([1, all - 1, 9])
})

test('another currency is shown and not subtracted', async () => {
  const { ask, kit } = await open()
  await kit.state.changeSetting(kit.workspace.tenant, 'currency', 'JPY')
  const found = await ask(1)
  const line = found.campaigns[0]!.models[0]!
  expect(line.their_currency).not.toBe('JPY')
  expect([line.theirs, line.difference, line.percent]).toEqual([null, null, null])
  expect(found.totals[0]).toMatchObject({ theirs: null, difference: null })
})

test('access that was granted without that report is off without a request, and is granted by the address it names', async () => {
  const { kit, fake } = await openGranted({ contacts: 40, streams: STREAMS })
  expect((await kit.sync()).state).toBe('complete')
  const { database, state, sources, place } = kit
  const env = { database, state, sources, connector: files, dataDir: place.folder, demo: false, template: () => '' }
  const services = createServices({ ...env, connectors: async () => [] } as unknown as ProductEnv)
  const before = fake.requests.length
  const found = Compare.parse(await services.compare({ connection: 'hubspot', limit: 20, locale: 'zh-CN' }, QUIET))
  expect(fake.requests.slice(before)).toEqual([])
  expect(found).toMatchObject({ state: 'off', reason: { code: 'missing_scope' } })
  expect(found.reason?.message).toContain('marketing.campaigns.revenue.read')
  expect(found.reason?.remedy).toContain(`/oauth/hubspot/start?workspace=main&again=${kit.connection.id}&with=compare`)
  expect(found.reason?.remedy).toMatch(/\p{Script=Han}/u)
})

test('an account without that report is off, with the reason', async () => {
  const { ask, account } = await open()
  account.removeScopes('marketing.campaigns.revenue.read')
  const found = await ask()
  expect(found).toMatchObject({ state: 'off', campaigns: [], reason: { code: 'missing_scope' } })
  expect(found.reason?.message).toContain('marketing.campaigns.revenue')
})
