import { describe, expect, test } from 'vitest'
import { sql } from '../src/db/sql.ts'
import { record } from '../src/metrics/record.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { exportRecords } from '../src/reports/export.ts'
import { rowCounts } from '../src/sync/row-counts.ts'
import { reports, tablesHolding } from './erase-kit.ts'
import { before } from './fakes/faults.ts'
import type { Engine } from './support/databases.ts'
import { complete, customer, DAY, openPortal, type Portal, reasonsOf, until } from './support/sync-kit.ts'
import { hooked } from './support/webhooks-kit.ts'

/** A contact that HubSpot erased for privacy, from its webhook to the last table (F140, G11). */

/** What told of Ada, the customer of the shop; the names of her deal and her campaign are the CRM's own. */
const PERSONAL = ['ada@example.com', 'ada-term', 'who=ada', 'q=ada', '"ada"', 'name: ada', ',ada,']

async function shop(engine: Engine, more = 3) {
  const portal = await openPortal({ engine, seed: false, account: { currency: 'CNY' } })
  const ids = customer(portal, 'ada')
  portal.account.update('deals', ids.deal, { dealname: 'Engine' })
  for (let i = 0; i < more; i += 1) portal.account.createContact({ email: `p${i}@example.com` })
  await complete(portal)
  portal.clock.advance(DAY)
  return { portal, ...ids }
}

const placeOf = ({ kit }: Portal) => ({
  env: { database: kit.database } as never,
  workspace: kit.workspace,
  folder: kit.place.folder,
})

async function exported({ kit }: Portal, what: 'contacts' | 'touches'): Promise<string> {
  let text = ''
  for await (const chunk of exportRecords(kit.database, kit.workspace, { what, format: 'csv' })) text += chunk
  return text
}

describe.each(['duckdb', 'postgres'] as const)('a contact that HubSpot erased, on %s', (engine) => {
  test('is gone from both stores, and every report is what it was, also after everything is read again', async () => {
    const { portal, contact } = await shop(engine)
    const { kit, account, clock } = portal
    const { tell, subscription } = await hooked(portal, { again: [] })
    expect((await tablesHolding(placeOf(portal), PERSONAL)).length).toBeGreaterThan(4)
    const figures = await reports(kit)
    expect(figures['channel linear']).toContain('"leads":1')
    account.privacyDelete(contact)
    await tell(subscription.propertyChange('contacts', contact, 'email', 'ada@example.com'))
    await tell(subscription.privacyDeletion(contact))
    expect(await reports(kit)).toEqual(figures)
    // A deletion that is told late, and runs that do not meet it, take the stand-in as little.
    await tell(subscription.deletion('contacts', contact))
    clock.advance(DAY)
    await complete(portal, { full: true })
    clock.advance(10 * DAY)
    await complete(portal)
    expect(await reports(kit)).toEqual(figures)
    expect(await tablesHolding(placeOf(portal), PERSONAL)).toEqual([])
    expect(kit.logged.join('\n')).not.toContain('ada')
    expect(await rowCounts(kit.database, kit.workspace.tenant, '')).toMatchObject(
      new Map([['hubspot', expect.objectContaining({ contact: 3 })]]),
    )
    const written = await kit.database.query<{ id: string }>(sql('sync/sql/write-back-contacts.sql'), [
      kit.workspace.tenant,
      'hubspot',
    ])
    expect(written.map(({ id }) => id)).not.toContain(contact)
    const [leads] = await kit.database.query('SELECT count(*) AS n FROM outcome WHERE tenant_id = $1 AND kind = 1', [
      kit.workspace.tenant,
    ])
    expect(leads).toEqual({ n: 4n })
    const audit = await kit.state.audit(kit.workspace.tenant)
    expect(audit.filter(({ action }) => action === 'erasure')).toMatchObject([
      { actor: 'source:hubspot', subject: 'hubspot', after: { contacts: 1 } },
    ])
  })

  test('does not come back with a page that was read before and is written after', async () => {
    const { portal, contact } = await shop(engine, 150)
    const { kit, account, fake } = portal
    const { tell, subscription } = await hooked(portal)
    account.update('contacts', contact, { lastname: 'Lovelace' })
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const second = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/, skip: 1 }
    const held = fake.faults.next(
      second,
      before(() => gate),
    )
    const running = kit.sync({ full: true })
    await until(() => held.hits === 1)
    account.privacyDelete(contact)
    await tell(subscription.privacyDeletion(contact))
    go()
    const outcome = await running
    expect(reasonsOf(outcome).state).toBe('complete')
    expect(await tablesHolding(placeOf(portal), [...PERSONAL, 'lovelace'])).toEqual([])
    expect(await kit.ids('contact')).not.toContain(contact)
  })

  test('shows as erased where records are shown and exported, and nowhere by name', async () => {
    const { portal, contact, deal } = await shop(engine)
    const { kit, account } = portal
    const { tell, subscription } = await hooked(portal)
    account.privacyDelete(contact)
    await tell(subscription.privacyDeletion(contact))
    const view = (type: 'contact' | 'deal', id: string, locale: 'en' | 'zh-CN') =>
      record(kit.database, kit.workspace, {
        type,
        id,
        sources: [{ source: 'hubspot', connected: true }],
        model: RULE_MODELS[0],
        locale,
        asOf: null,
        now: new Date(portal.clock.now()),
      })
    const english = await view('contact', contact, 'en')
    expect(english.record.name).toBe('(erased)')
    expect((await view('contact', contact, 'zh-CN')).record.name).toBe('已删除')
    expect(english.figures.find(({ key }) => key === 'touches')?.value).toBe(1)
    const people = (await view('deal', deal, 'en')).journey.flatMap(({ person }) => person?.name ?? [])
    expect(new Set(people)).toEqual(new Set(['(erased)']))
    const [contacts, touches] = [await exported(portal, 'contacts'), await exported(portal, 'touches')]
    expect(contacts).toMatch(/^\d+,,,,,已删除,/m)
    expect([contacts, touches].filter((text) => text.includes('ada@') || text.includes('who=ada'))).toEqual([])
  })
})

test('a contact that is gone without a word of privacy goes as before, and may come back', async () => {
  const { portal, contact } = await shop('duckdb')
  const { kit, account, clock } = portal
  account.delete('contacts', contact)
  clock.advance(1000)
  await complete(portal)
  expect(await kit.row('contact', contact)).toBeUndefined()
  expect(await kit.state.erased(kit.workspace.tenant)).toEqual(new Map())
  account.restore('contacts', contact)
  clock.advance(1000)
  await complete(portal)
  expect(await kit.row('contact', contact)).toMatchObject({ name: 'ada', email: 'ada@example.com' })
})
