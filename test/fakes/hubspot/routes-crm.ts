import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { HubSpotAccount } from './account.ts'
import { singular, typeNamed } from './catalog.ts'
import { afterOf, type Checked, limitOf, listOf, type Paging, pagingOf, sliceAfter } from './paging.ts'
import { type Call, lacks } from './paths.ts'
import type { CrmRecord, ObjectType } from './records.ts'
import { invalid, notFound, refusal } from './refusals.ts'
import { Bytes, iso, type Plan, planFor, recordJson } from './render.ts'
import { type SearchBody, search, searchProblem } from './search.ts'

/** Records: list, read, batch read, search, and their associations. */
export const CRM_CALLS: readonly Call[] = [
  { method: 'GET', path: '/crm/objects/:version/:type', handle: list },
  { method: 'POST', path: '/crm/objects/:version/:type/search', limits: ['search', 'daily'], handle: find },
  { method: 'POST', path: '/crm/objects/:version/:type/batch/read', handle: readBatch },
  { method: 'GET', path: '/crm/objects/:version/:type/:id', handle: read },
  { method: 'GET', path: '/crm/objects/:version/:type/:id/associations/:to', handle: associationsOfOne },
  {
    method: 'POST',
    path: '/crm/associations/:version/:type/:to/batch/read',
    limits: ['core', 'associations', 'daily'],
    handle: associationsOfMany,
  },
]

/** Ids of one record's associations in one answer. */
const ASSOCIATIONS_PAGE = 500

/** The type a path names, if the account may read it. */
export function readable(account: HubSpotAccount, name = ''): Checked<ObjectType> {
  const value = typeNamed(name)
  if (!value) return { refused: invalid(`Unable to infer object type from: ${name}`) }
  const refused = lacks(account, `crm.objects.${value}.read`)
  return refused ? { refused } : { value }
}

function list(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = readable(account, request.params.type)
  if (type.refused) return type.refused
  const history = listOf(request, 'propertiesWithHistory')
  const limit = limitOf(request, 10, history.length > 0 ? 50 : 100)
  if (limit.refused) return limit.refused
  const after = afterOf(account, request)
  if (after.refused) return after.refused
  if (after.value !== undefined && !/^\d+$/.test(after.value)) return invalid(`"${after.value}" is not a cursor.`)
  const targets = typesOf(listOf(request, 'associations'))
  if (targets.refused) return targets.refused
  const { live, archived } = account.table(type.value)
  const page =
    request.query.get('archived') === 'true'
      ? archived.page(after.value, limit.value, (record) => account.restorable(record))
      : live.page(after.value, limit.value)
  const plan = planFor(account, type.value, listOf(request, 'properties'), history)
  const results = page.items.map((record) => recordJson(plan, record, linked(account, plan, record, targets.value)))
  return listed(results, pagingOf(account, request, page.more ? page.items.at(-1)?.id : undefined))
}

/** The pieces are JSON already. */
function listed(results: readonly string[], paging: Paging | undefined, front = ''): FakeAnswer {
  const text = new Bytes()
  text.add(`{${front}"results":[`)
  results.forEach((result, index) => {
    if (index > 0) text.add(',')
    text.add(result)
  })
  text.add(paging ? `],"paging":${JSON.stringify(paging)}}` : ']}')
  return { status: 200, text: text.done() }
}

function read(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = readable(account, request.params.type)
  if (type.refused) return type.refused
  const targets = typesOf(listOf(request, 'associations'))
  if (targets.refused) return targets.refused
  const byProperty = request.query.get('idProperty') ?? undefined
  const archived = request.query.get('archived') === 'true'
  const record = lookup(account, type.value, archived, byProperty)(request.params.id ?? '')
  if (!record) return notFound()
  const plan = planFor(account, type.value, listOf(request, 'properties'), listOf(request, 'propertiesWithHistory'))
  return { status: 200, text: recordJson(plan, record, linked(account, plan, record, targets.value)) }
}

interface BatchBody {
  readonly inputs?: readonly { readonly id?: unknown }[]
  readonly properties?: readonly string[]
  readonly propertiesWithHistory?: readonly string[]
  readonly idProperty?: string
}

function readBatch(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = readable(account, request.params.type)
  if (type.refused) return type.refused
  const { inputs, properties = [], propertiesWithHistory = [], idProperty } = (request.body ?? {}) as BatchBody
  if (!inputs || inputs.length === 0) return invalid('inputs is missing or empty')
  if (inputs.length > 100) return invalid(`inputs has ${inputs.length} ids, 100 are allowed.`)
  const plan = planFor(account, type.value, properties, propertiesWithHistory)
  const known = lookup(account, type.value, request.query.get('archived') === 'true', idProperty)
  const results = new Map<string, string>()
  const missing: string[] = []
  for (const { id } of inputs) {
    const record = known(String(id))
    if (record) results.set(record.id, recordJson(plan, record))
    else missing.push(String(id))
  }
  const what = singular(type.value).toUpperCase()
  const errors = [
    {
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: `Could not get some ${what} objects, they may be deleted or not exist. Check that ids are valid.`,
      context: { ids: missing },
    },
  ]
  return completed(account, [...results.values()], missing.length > 0 ? errors : [])
}

/** A finished batch: 207 when there were errors. */
function completed(account: HubSpotAccount, results: readonly string[], errors: readonly object[]): FakeAnswer {
  const now = iso(account.clock.now())
  const failed = errors.length > 0 ? `,"numErrors":${errors.length},"errors":${JSON.stringify(errors)}` : ''
  const text = `{"status":"COMPLETE","results":[${results.join()}],"startedAt":"${now}","completedAt":"${now}"${failed}}`
  return { status: errors.length > 0 ? 207 : 200, text }
}

/** How ids of a request lead to records. */
function lookup(account: HubSpotAccount, type: ObjectType, archived: boolean, byProperty: string | undefined) {
  const table = account.table(type)
  if (byProperty !== undefined && byProperty !== 'hs_object_id') {
    return (value: string) =>
      table.live.all().find(({ properties }) => properties[byProperty]?.toLowerCase() === value.toLowerCase())
  }
  return (id: string) => {
    if (!archived) return table.resolve(id)
    const record = table.archived.get(id)
    return record && account.restorable(record) ? record : undefined
  }
}

function find(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = readable(account, request.params.type)
  if (type.refused) return type.refused
  const body = (request.body ?? {}) as SearchBody
  const problem = searchProblem(account, type.value, body, request.text.length)
  if (problem !== undefined) return invalid(problem)
  if (body.after !== undefined && account.expired(request.path, body.after)) return invalid('The cursor has expired.')
  if (body.after === undefined) account.expired(request.path, undefined)
  const found = search(account, type.value, body)
  const from = Number(body.after ?? 0)
  const to = from + (body.limit ?? 10)
  const plan = planFor(account, type.value, body.properties ?? [], [])
  const results = found.slice(from, to).map((record) => recordJson(plan, record))
  // At 10,000 a cursor is still given out; it is refused when it is used.
  const paging = to < found.length ? { next: { after: account.issue(request.path, String(to)) } } : undefined
  return listed(results, paging as Paging | undefined, `"total":${found.length},`)
}

function typesOf(names: readonly string[]): Checked<readonly ObjectType[]> {
  const value: ObjectType[] = []
  for (const name of names) {
    const type = typeNamed(name)
    if (!type) return { refused: invalid(`Unable to infer object type from: ${name}`) }
    value.push(type)
  }
  return { value }
}

/** `associations` of a listed record: ids and the names that kinds of association had before they had numbers. */
function linked(account: HubSpotAccount, { type }: Plan, record: CrmRecord, targets: readonly ObjectType[]) {
  if (targets.length === 0) return undefined
  const found: Record<string, object> = {}
  for (const target of targets) {
    const ids = shown(account, target, record)
    if (ids.length === 0) continue
    const page = ids.slice(0, ASSOCIATIONS_PAGE)
    const name = `${singular(type)}_to_${singular(target)}`
    const results = page.flatMap((id) => {
      const kinds = account.associationTypes(type, record, target, id)
      const hasPrimary = type === 'companies' || target === 'companies'
      return kinds.map(({ label }) => ({ id, type: hasPrimary && label === null ? `${name}_unlabeled` : name }))
    })
    const last = page.at(-1)
    found[target] = { results, ...(ids.length > page.length ? { paging: { next: { after: last } } } : {}) }
  }
  return Object.keys(found).length > 0 ? found : undefined
}

/** Associated records that are not deleted. */
function shown(account: HubSpotAccount, target: ObjectType, record: CrmRecord): string[] {
  const { live } = account.table(target)
  return (record.links[target] ?? []).filter((id) => live.get(id))
}

function associationsOfOne(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const ends = endsOf(account, request)
  if (ends.refused) return ends.refused
  const [type, target] = ends.value
  const limit = limitOf(request, ASSOCIATIONS_PAGE, ASSOCIATIONS_PAGE)
  if (limit.refused) return limit.refused
  const after = afterOf(account, request)
  if (after.refused) return after.refused
  const record = account.table(type).resolve(request.params.id ?? '')
  if (!record) return notFound()
  const slice = sliceAfter(shown(account, target, record), (id) => id, after.value, limit.value)
  if (slice.refused) return slice.refused
  const { items, more } = slice.value
  const results = items.map((id) => JSON.stringify(association(account, type, record, target, id)))
  return listed(results, pagingOf(account, request, more ? items.at(-1) : undefined))
}

function associationsOfMany(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const ends = endsOf(account, request)
  if (ends.refused) return ends.refused
  const [type, target] = ends.value
  const { inputs = [] } = (request.body ?? {}) as { inputs?: readonly { id: unknown; after?: string }[] }
  if (inputs.length === 0) return invalid('inputs is missing or empty')
  if (inputs.length > 1000) return invalid(`inputs has ${inputs.length} ids, 1000 are allowed.`)
  const results: string[] = []
  const errors: object[] = []
  for (const { id, after } of inputs) {
    const record = account.table(type).resolve(String(id))
    const ids = record ? shown(account, target, record) : []
    if (!record || ids.length === 0) {
      errors.push(unassociated(type, target, String(id)))
      continue
    }
    const slice = sliceAfter(ids, (one) => one, after, ASSOCIATIONS_PAGE)
    if (slice.refused) return slice.refused
    const { items, more } = slice.value
    const to = items.map((one) => association(account, type, record, target, one))
    const paging = more ? { paging: { next: { after: items.at(-1) } } } : {}
    results.push(JSON.stringify({ from: { id: record.id }, to, ...paging }))
  }
  return completed(account, results, errors)
}

function endsOf(account: HubSpotAccount, request: FakeRequest): Checked<readonly [ObjectType, ObjectType]> {
  const from = readable(account, request.params.type)
  if (from.refused) return from
  const to = readable(account, request.params.to)
  if (to.refused) return to
  return { value: [from.value, to.value] }
}

function association(account: HubSpotAccount, type: ObjectType, record: CrmRecord, target: ObjectType, id: string) {
  return { toObjectId: id, associationTypes: account.associationTypes(type, record, target, id) }
}

function unassociated(type: ObjectType, target: ObjectType, id: string): object {
  const message = `No ${singular(target)} is associated with ${singular(type)} ${id}.`
  const { body } = refusal(400, 'OBJECT_NOT_FOUND', message, {
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    context: { fromObjectId: [id], fromObjectType: [singular(type)], toObjectType: [singular(target)] },
  })
  return body as object
}
