import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HubspotSettings, Settings } from '../connectors/hubspot/settings.ts'
import { ConnectorError } from '../src/errors.ts'
import { AnyRecord } from '../src/model/records.ts'
import type { Context, Http, HttpRequest, Page } from '../src/sync/contract.ts'

export const HUBSPOT_SETTINGS = Settings.parse({ token: 'pat-test' })

/** Answers of a real portal, where the checkout has them. */
const RECORDED = join(import.meta.dirname, '../../shared/fixtures/hubspot/recorded')
export const HAS_RECORDED = existsSync(RECORDED)

/** Bodies of a recorded conversation. */
export function recorded(name: string): unknown[] {
  const file = JSON.parse(readFileSync(join(RECORDED, `${name}.json`), 'utf8'))
  return file.exchanges.map((exchange: { response: { body: unknown } }) => exchange.response.body)
}

export interface TestContext extends Context<HubspotSettings> {
  readonly drifts: string[]
}

/** A context over a function that answers requests. */
export function contextOf(
  answer: (request: HttpRequest) => unknown,
  settings: Partial<HubspotSettings> = {},
): TestContext {
  const drifts: string[] = []
  const http: Http = {
    async get(request, schema) {
      const parsed = schema.safeParse(await answer(request))
      if (parsed.success) return parsed.data
      throw new ConnectorError('report', 'unexpected_answer', `${request.path}: ${parsed.error.message}`)
    },
  }
  return {
    settings: { ...HUBSPOT_SETTINGS, forms: false, ...settings },
    http,
    identity: { externalAccountId: '1', name: 'HubSpot 1', currency: 'USD', zone: 'Asia/Shanghai' },
    open: () => Promise.reject(new Error('no files')),
    signal: new AbortController().signal,
    log() {},
    drift: (field, kind) => void drifts.push(`${kind} ${field}`),
    now: () => new Date('2026-11-20T00:00:00Z'),
    drifts,
  }
}

/** All pages as one; every record must fit the model. */
export async function drain(pages: AsyncIterable<Page>) {
  const found = {
    records: [] as AnyRecord[],
    rejected: [] as unknown[],
    deleted: [] as string[],
    merged: [] as string[],
  }
  const cursors: string[] = []
  for await (const page of pages) {
    found.records.push(...page.records.map((record) => AnyRecord.parse(record)))
    found.rejected.push(...(page.rejected ?? []))
    found.deleted.push(...(page.deleted ?? []).map(({ id }) => id))
    found.merged.push(...(page.merged ?? []).map(({ from, into }) => `${from.id}>${into.id}`))
    cursors.push(page.cursor)
  }
  return { ...found, cursors }
}

export function idsOf(records: readonly AnyRecord[], type: string): string[] {
  return [...new Set(records.filter((record) => record.type === type).map(({ id }) => id))]
}

interface Row {
  readonly id: string
  /** Milliseconds. */
  modified: number
  readonly properties?: Record<string, unknown>
  readonly history?: Record<string, unknown>
  readonly links?: Record<string, string[]>
}

interface Query {
  readonly filterGroups?: { filters: { propertyName: string; operator: string; value: string }[] }[]
  readonly sorts?: string[]
  readonly limit: number
}

/** A portal of one kind of object: lists, searches, batches and associations, as small as can be. */
export class StubPortal {
  readonly requests: HttpRequest[] = []
  readonly rows: Row[]
  readonly archived: { id: string; archivedAt: string }[] = []
  /** Associations shown in lists. */
  inline = 2
  /** Associations in one answer of a batch. */
  perPage = 3
  readonly #modified: string

  constructor(rows: Row[], modified = 'lastmodifieddate') {
    this.rows = rows.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)))
    this.#modified = modified
  }

  readonly answer = (request: HttpRequest): unknown => {
    this.requests.push(request)
    const { path } = request
    if (path.endsWith('/search')) return this.#search(request.json as Query)
    if (path.includes('/associations/')) return this.#associations(path, request.json as never)
    if (path.endsWith('/batch/read')) return this.#batch(request.json as never)
    if (path.startsWith('/crm/objects/')) return this.#list(request.query as never)
    throw new Error(`no answer for ${path}`)
  }

  #shown(row: Row, history = false) {
    const at = new Date(row.modified).toISOString()
    const properties = { createdate: '2026-01-01T00:00:00Z', [this.#modified]: at, ...row.properties }
    const past = history ? { propertiesWithHistory: row.history ?? {} } : {}
    return { id: row.id, properties, ...past, createdAt: '2026-01-01T00:00:00Z', updatedAt: at, archived: false }
  }

  #list(query: {
    limit: number
    after?: string
    archived?: boolean
    associations?: string[]
    propertiesWithHistory?: string[]
  }) {
    if (query.archived) return { results: this.archived.map((one) => ({ ...one, properties: {} })) }
    const after = BigInt(query.after ?? 0)
    const rest = this.rows.filter(({ id }) => BigInt(id) > after)
    const page = rest.slice(0, query.limit)
    const results = page.map((row) => {
      const linked = (query.associations ?? []).flatMap((to) => {
        const ids = row.links?.[to] ?? []
        if (ids.length === 0) return []
        const part = ids.slice(0, this.inline).map((id) => ({ id, type: `deal_to_${to}` }))
        return [[to, { results: part, ...(ids.length > this.inline ? { paging: { next: { after: 'x' } } } : {}) }]]
      })
      return {
        ...this.#shown(row, query.propertiesWithHistory !== undefined),
        ...(linked.length > 0 ? { associations: Object.fromEntries(linked) } : {}),
      }
    })
    return { results, ...(rest.length > page.length ? { paging: { next: { after: page.at(-1)?.id } } } : {}) }
  }

  #search({ filterGroups = [], sorts = [], limit }: Query) {
    const filters = filterGroups[0]?.filters ?? []
    const found = this.rows.filter((row) =>
      filters.every(({ propertyName, operator, value }) => {
        const own = propertyName === 'hs_object_id' ? BigInt(row.id) : BigInt(row.modified)
        if (propertyName === 'createdate') return true
        return operator === 'GTE'
          ? own >= BigInt(value)
          : operator === 'GT'
            ? own > BigInt(value)
            : own === BigInt(value)
      }),
    )
    if (sorts[0] === this.#modified) found.sort((a, b) => a.modified - b.modified)
    if (sorts[0] === '-hs_object_id') found.reverse()
    return { total: found.length, results: found.slice(0, limit).map((row) => this.#shown(row)) }
  }

  #batch({ inputs, propertiesWithHistory = [] }: { inputs: { id: string }[]; propertiesWithHistory?: string[] }) {
    const wanted = new Set(inputs.map(({ id }) => id))
    const found = this.rows.filter(({ id }) => wanted.has(id))
    const errors = found.length < wanted.size ? { errors: [{ category: 'OBJECT_NOT_FOUND' }] } : {}
    const results = found.map((row) => this.#shown(row, propertiesWithHistory.length > 0))
    return { status: 'COMPLETE', results, ...errors }
  }

  #associations(path: string, { inputs }: { inputs: { id: string; after?: string }[] }) {
    const to = path.split('/')[5] ?? ''
    const results = inputs.flatMap(({ id, after = '0' }) => {
      const ids = this.rows.find((row) => row.id === id)?.links?.[to] ?? []
      if (ids.length === 0) return []
      const from = Number(after)
      const next = from + this.perPage
      const part = ids.slice(from, next).map((one, index) => ({
        toObjectId: one,
        associationTypes: [{ typeId: to === 'companies' && from + index === 1 ? 5 : 341 }],
      }))
      return [{ from: { id }, to: part, ...(next < ids.length ? { paging: { next: { after: String(next) } } } : {}) }]
    })
    return { results }
  }
}
