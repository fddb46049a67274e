import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import hubspot from '../connectors/hubspot/index.ts'
import type { Page } from '../src/sync/contract.ts'
import { contextOf, drain, idsOf, StubPortal } from './hubspot-kit.ts'

const contacts = hubspot.pull.contacts!
const deals = hubspot.pull.deals!
const SINCE = new Date(1000)

function portalOf(times: readonly number[]): StubPortal {
  return new StubPortal(times.map((modified, index) => ({ id: String(index + 1), modified })))
}

describe('incremental reads', () => {
  test('bring what was modified at or after the instant, each once but for what shares a page’s last value', async () => {
    const portal = portalOf([...Array(50).fill(500), ...Array.from({ length: 1000 }, (_, i) => 1000 + i)])
    const context = contextOf(portal.answer)
    const { records } = await drain(contacts.changes!(context, SINCE, null))
    expect(idsOf(records, 'contact')).toHaveLength(1000)
    expect(records.length).toBeLessThan(1010)
  })

  test('a bulk edit of more records than a query can have is read in the order of ids', async () => {
    const portal = portalOf([...Array(5).fill(1001), ...Array(10_450).fill(1002), ...Array(5).fill(1003)])
    const context = contextOf(portal.answer)
    const { records } = await drain(contacts.changes!(context, SINCE, null))
    expect(idsOf(records, 'contact')).toHaveLength(10_460)
    expect(portal.requests.filter(({ path }) => path.endsWith('/search')).length).toBeLessThan(60)
    // Nothing ever asks beyond the first page of a search.
    expect(portal.requests.every(({ json }) => !JSON.stringify(json ?? {}).includes('"after"'))).toBe(true)
    const bodies = portal.requests.filter(({ path }) => path.endsWith('/search'))
    expect(Math.max(...bodies.map(({ json }) => JSON.stringify(json).length))).toBeLessThan(3000)
  }, 60_000)

  test('records modified during the read hide no others', async () => {
    const portal = portalOf(Array.from({ length: 900 }, (_, i) => 1000 + i))
    const context = contextOf(portal.answer)
    const seen = new Set<string>()
    for await (const page of contacts.changes!(context, SINCE, null)) {
      for (const { id } of page.records) seen.add(id)
      // The ones read first are edited and move to the end.
      if (seen.size < 500) for (const row of portal.rows.slice(0, 30)) row.modified = 5000 + seen.size
    }
    expect(portal.rows.filter(({ id }) => !seen.has(id))).toEqual([])
  })

  test('may be abandoned after any page and resumed at its cursor', async () => {
    const times = fc.array(fc.constantFrom(1000, 1001, 1001, 1001, 1002, 1500), { minLength: 1, maxLength: 900 })
    await fc.assert(
      fc.asyncProperty(times, fc.nat(8), async (modified, stop) => {
        const portal = portalOf(modified)
        const context = contextOf(portal.answer)
        const found = new Set<string>()
        let cursor: string | null = null
        let count = 0
        for await (const page of contacts.changes!(context, SINCE, null)) {
          for (const { id } of page.records) found.add(id)
          cursor = page.cursor
          count += 1
          if (count > stop) break
        }
        const rest = await drain(contacts.changes!(context, SINCE, cursor))
        for (const { id } of rest.records) found.add(id)
        expect(found.size).toBe(modified.length)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('every cursor differs from the one before', async () => {
    const portal = portalOf([...Array(650).fill(1000), ...Array(10).fill(1001)])
    const { cursors } = await drain(contacts.changes!(contextOf(portal.answer), SINCE, null))
    for (const [index, cursor] of cursors.entries()) expect(cursor).not.toBe(cursors[index - 1])
  })

  test('an instant in the future gives nothing and no error', async () => {
    const { records, cursors } = await drain(
      contacts.changes!(contextOf(portalOf([1000]).answer), new Date(9e12), null),
    )
    expect([records, cursors]).toEqual([[], []])
  })

  test('the same page for ever is an error', async () => {
    const portal = portalOf(Array.from({ length: 900 }, (_, i) => 1000 + i))
    let first: unknown
    const context = contextOf((request) => {
      if (!request.path.endsWith('/search')) return portal.answer(request)
      first ??= portal.answer(request)
      return first
    })
    await expect(drain(contacts.changes!(context, SINCE, null))).rejects.toMatchObject({
      remedy: 'retry',
      code: 'cursor_stuck',
    })
  })

  test('a record that search still finds but that is deleted is gone', async () => {
    const portal = portalOf([1000, 1001, 1002])
    const context = contextOf((request) => {
      if (!request.path.endsWith('/batch/read')) return portal.answer(request)
      return { status: 'COMPLETE', results: (portal.answer(request) as { results: unknown[] }).results.slice(1) }
    })
    const { deleted, records } = await drain(contacts.changes!(context, SINCE, null))
    expect(deleted).toEqual(['1'])
    expect(idsOf(records, 'contact')).toEqual(['2', '3'])
  })

  test('a batch that was not finished tells nothing about what is missing', async () => {
    const portal = portalOf([1000])
    const context = contextOf((request) =>
      request.path.endsWith('/batch/read') ? { status: 'PROCESSING', results: [] } : portal.answer(request),
    )
    await expect(drain(contacts.changes!(context, SINCE, null))).rejects.toMatchObject({ code: 'batch_incomplete' })
  })
})

describe('whole reads', () => {
  test('the list is read to its end and resumes at any cursor', async () => {
    const portal = portalOf(Array(1234).fill(1000))
    const context = contextOf(portal.answer)
    const whole = await drain(contacts.read(context, null))
    expect(idsOf(whole.records, 'contact')).toHaveLength(1234)
    const rest = await drain(contacts.read(context, whole.cursors[0]!))
    expect(idsOf(rest.records, 'contact')).toHaveLength(734)
    expect((await drain(contacts.read(context, whole.cursors.at(-1)!))).records).toEqual([])
  })

  test('an answer without results is a failure, never the end', async () => {
    const context = contextOf(() => ({}))
    await expect(drain(contacts.read(context, null))).rejects.toMatchObject({ code: 'unexpected_answer' })
  })

  test('a list that leads back to where it was is an error', async () => {
    const context = contextOf(() => ({ results: [], paging: { next: { after: '7' } } }))
    await expect(drain(contacts.read(context, null))).rejects.toMatchObject({ code: 'cursor_stuck', remedy: 'retry' })
  })

  test('ranges cover their bounds, and the last page says so', async () => {
    const portal = new StubPortal(Array.from({ length: 800 }, (_, i) => ({ id: String(1000 + i * 3), modified: 1 })))
    const context = contextOf(portal.answer)
    const bounds = await contacts.ranges!.bounds(context, null)
    expect(bounds).toEqual({ after: '999', upto: '3397' })
    const { records, cursors } = await drain(contacts.ranges!.read(context, { after: '1300', upto: '2000' }))
    expect(idsOf(records, 'contact')).toHaveLength(233)
    expect(cursors.at(-1)).toBe('2000')
    const rest = await drain(contacts.ranges!.read(context, { after: '1303', upto: '1306' }))
    expect(idsOf(rest.records, 'contact')).toEqual(['1306'])
    expect(await contacts.ranges!.bounds(contextOf(portalOf([]).answer), null)).toBeNull()
  })

  test('a list whose ids do not ascend cannot be split', async () => {
    const results = ['5', '9', '7'].map((id) => ({ id, properties: {} }))
    const read = contacts.ranges!.read(
      contextOf(() => ({ results })),
      { after: '4', upto: '9' },
    )
    await expect(drain(read)).rejects.toMatchObject({ remedy: 'report', code: 'ids_not_ordered' })
    const elsewhere = contacts.ranges!.read(
      contextOf(() => ({ results })),
      { after: '6', upto: '9' },
    )
    await expect(drain(elsewhere)).rejects.toMatchObject({ code: 'ids_not_ordered' })
  })

  test('the number of records and the archive', async () => {
    const portal = portalOf([1, 2, 3])
    portal.archived.push(
      { id: '8', archivedAt: '2026-03-01T00:00:00Z' },
      { id: '9', archivedAt: '2026-05-01T00:00:00Z' },
    )
    const context = contextOf(portal.answer)
    expect(await contacts.total!(context)).toBe(3)
    expect((await drain(contacts.gone!(context, null))).deleted).toEqual(['8', '9'])
    expect((await drain(contacts.gone!(context, new Date('2026-04-01')))).deleted).toEqual(['9'])
  })

  test('histories are fetched for those contacts only that have one worth it', async () => {
    const visit = { hs_analytics_source: 'ORGANIC_SEARCH', hs_analytics_first_timestamp: '2026-02-01T00:00:00Z' }
    const rows = Array.from({ length: 500 }, (_, i) => ({
      id: String(i + 1),
      modified: 1000,
      properties: {
        ...visit,
        hs_latest_source: i % 50 === 0 ? 'PAID_SEARCH' : 'ORGANIC_SEARCH',
        hs_latest_source_timestamp: i % 50 === 0 ? '2026-03-01T00:00:00Z' : '2026-02-01T00:01:00Z',
      },
      history: { hs_latest_source: [{ value: 'PAID_SEARCH', timestamp: '2026-03-01T00:00:00Z' }] },
    }))
    const portal = new StubPortal(rows)
    const { records } = await drain(contacts.read(contextOf(portal.answer), null))
    expect(portal.requests).toHaveLength(6)
    expect(idsOf(records, 'touch')).toHaveLength(510)
  })

  test('associations beyond what the list shows are read to the end', async () => {
    const people = Array.from({ length: 8 }, (_, i) => String(100 + i))
    const rows = [
      { id: '1', modified: 1000, links: { contacts: people, companies: ['7', '8'] } },
      { id: '2', modified: 1000, links: { contacts: ['100'] } },
    ]
    const portal = new StubPortal(rows, 'hs_lastmodifieddate')
    portal.inline = 2
    const whole = await drain(deals.read(contextOf(portal.answer), null))
    const [first, second] = whole.records.filter(({ type }) => type === 'deal')
    expect(first).toMatchObject({ contactIds: people, accountId: '7' })
    expect(second).toMatchObject({ contactIds: ['100'] })
    // By batch, the primary company is known by its type.
    const changed = await drain(deals.changes!(contextOf(portal.answer), SINCE, null))
    expect(changed.records.find(({ id }) => id === '1')).toMatchObject({ contactIds: people, accountId: '8' })
  })

  test('one malformed record among a hundred is refused, the others are not', async () => {
    const portal = portalOf(Array(100).fill(1000))
    const context = contextOf((request) => {
      const answer = portal.answer(request) as { results: { properties: unknown }[] }
      if (request.method === undefined) answer.results[40] = { ...answer.results[40]!, properties: 'gone' }
      return answer
    })
    const { records, rejected } = await drain(contacts.read(context, null))
    expect(idsOf(records, 'contact')).toHaveLength(99)
    expect(rejected).toMatchObject([{ where: { id: '41' }, code: 'missing_properties' }])
  })
})

test('no request is longer than servers take', async () => {
  const portal = portalOf([1])
  await drain(contacts.read(contextOf(portal.answer), null))
  const query = portal.requests[0]!.query!.properties as readonly string[]
  expect(new URLSearchParams(query.map((name) => ['properties', name])).toString().length).toBeLessThan(4000)
})

describe('single records', () => {
  test('what is asked for by id comes, and what is gone is told', async () => {
    const portal = portalOf([1000, 1001])
    const page = await drain(
      hubspot.read!(contextOf(portal.answer), [
        { type: 'contact', id: '1' },
        { type: 'contact', id: '77' },
      ]),
    )
    expect(idsOf(page.records, 'contact')).toEqual(['1'])
    expect(page.deleted).toEqual(['77'])
  })

  test('a record that was merged is not gone', async () => {
    const context = contextOf(() => ({
      status: 'COMPLETE',
      results: [
        {
          id: '9',
          properties: { createdate: '2026-01-01', hs_merged_object_ids: '5;6', hs_calculated_merged_vids: '4:17' },
        },
      ],
    }))
    const { deleted, merged } = await drain(hubspot.read!(context, [{ type: 'contact', id: '5' }]))
    expect(deleted).toEqual([])
    expect(merged).toEqual(['5>9', '6>9', '4>9'])
  })
})

describe('small streams', () => {
  const routes = (answers: Record<string, (after: unknown) => unknown>) =>
    contextOf(
      (request) => {
        const found = Object.entries(answers).find(([path]) => request.path.startsWith(path))
        if (!found) throw new Error(`no answer for ${request.path}`)
        return found[1](request.query?.after)
      },
      { forms: true },
    )

  test('form submissions stop at the first one before the instant', async () => {
    const asked: unknown[] = []
    const entry = (day: string, name = 'email', value = 'A@x.cn') => ({
      conversionId: day,
      submittedAt: Date.parse(day),
      pageUrl: 'https://x.cn/p?utm_source=weixin&utm_medium=cpc',
      values: [
        { name, value },
        { name: 'utm_campaign', value: '春季' },
        { name: 'salary', value: 'secret' },
      ],
    })
    const context = routes({
      '/marketing/v3/forms': () => ({ results: [{ id: 'f1', name: 'Demo' }] }),
      '/form-integrations/': (after) => {
        asked.push(after)
        return {
          results: [entry('2026-03-03'), entry('2026-03-02', 'x'), entry('2026-03-01')],
          paging: { next: { after: 'n' } },
        }
      },
    })
    const stream = hubspot.pull.form_submissions!
    const pages: Page[] = []
    for await (const page of stream.changes!(context, new Date('2026-03-02'), null)) pages.push(page)
    expect(asked).toEqual([undefined])
    expect(pages[0]!.records).toMatchObject([
      {
        id: 'form:f1:2026-03-03',
        person: { email: 'a@x.cn' },
        kind: 'form',
        utmSource: 'weixin',
        utmCampaign: '春季',
        attributes: { form: 'Demo' },
      },
    ])
    expect(pages[0]!.notices).toMatchObject([{ code: 'form_without_person', count: 1 }])
    expect(JSON.stringify(pages)).not.toContain('secret')
    expect((await drain(stream.changes!(context, new Date('2026-03-02'), pages[0]!.cursor))).records).toEqual([])
  })

  test('owners include those who no longer are, and read on where they stood', async () => {
    const context = contextOf(({ query }) =>
      query?.archived
        ? { results: [{ id: '3', email: 'c@x.cn', archived: true }] }
        : query?.after
          ? { results: [{ id: '2', firstName: '王', lastName: '伟' }] }
          : { results: [{ id: '1', email: 'a@x.cn' }], paging: { next: { after: 'p2' } } },
    )
    const whole = await drain(hubspot.pull.owners!.read(context, null))
    expect(whole.records).toMatchObject([{ name: 'a@x.cn' }, { name: '王 伟' }, { attributes: { archived: 'true' } }])
    expect(idsOf((await drain(hubspot.pull.owners!.read(context, whole.cursors[0]!))).records, 'owner')).toEqual([
      '2',
      '3',
    ])
    expect((await drain(hubspot.pull.owners!.read(context, whole.cursors.at(-1)!))).records).toEqual([])
  })
})
