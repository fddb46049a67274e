import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { HubSpotAccount } from './account.ts'
import { typeNamed } from './catalog.ts'
import { type Call, lacks } from './paths.ts'
import type { ObjectType } from './records.ts'
import { invalid, refusal } from './refusals.ts'
import { iso } from './render.ts'

/** Scopes that let an app write; no account has them unless a test grants them. */
export const WRITE_SCOPES: readonly string[] = [
  'crm.objects.deals.write',
  'crm.objects.contacts.write',
  'crm.schemas.deals.write',
  'crm.schemas.contacts.write',
]

/** Properties of one's own, their groups, and updates of records by the batch. */
export const WRITE_CALLS: readonly Call[] = [
  { method: 'GET', path: '/crm/properties/:version/:type/groups', handle: groups },
  { method: 'POST', path: '/crm/properties/:version/:type/groups', handle: makeGroup },
  { method: 'POST', path: '/crm/properties/:version/:type/batch/create', handle: makeProperties },
  { method: 'POST', path: '/crm/objects/:version/:type/batch/update', handle: update },
]

/** One record of an update as it was sent. */
export interface SentRecord {
  readonly id: string
  readonly properties: Readonly<Record<string, string>>
}

const sent = new WeakMap<HubSpotAccount, (readonly SentRecord[])[]>()

/** Batches of updates that came for an account, oldest first. */
export function updatesOf(account: HubSpotAccount): readonly (readonly SentRecord[])[] {
  return sent.get(account) ?? []
}

const made = new WeakMap<HubSpotAccount, Set<string>>()

function groupsOf(account: HubSpotAccount, type: ObjectType): Set<string> {
  const all = made.get(account) ?? new Set<string>()
  made.set(account, all)
  all.add(`${type} ${type}information`)
  return all
}

function writable(account: HubSpotAccount, request: FakeRequest, what: 'schemas' | 'objects') {
  const type = typeNamed(request.params.type ?? '')
  if (!type) return { refused: invalid(`Unable to infer object type from: ${request.params.type}`) }
  const refused = lacks(account, `crm.${what}.${type}.write`)
  return refused ? { refused } : { type }
}

function groups(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = typeNamed(request.params.type ?? '')
  if (!type) return invalid('no such type')
  const names = [...groupsOf(account, type)].filter((one) => one.startsWith(`${type} `))
  const results = names.map((one, displayOrder) => {
    const name = one.slice(type.length + 1)
    return { name, label: name, displayOrder, archived: false }
  })
  return { status: 200, body: { results } }
}

function makeGroup(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const { refused, type } = writable(account, request, 'schemas')
  if (!type) return refused
  const { name, label } = request.body as { name: string; label: string }
  const all = groupsOf(account, type)
  if (all.has(`${type} ${name}`)) return refusal(409, 'CONFLICT', `A group named ${name} exists.`)
  all.add(`${type} ${name}`)
  return { status: 201, body: { name, label, displayOrder: 0, archived: false } }
}

interface Wanted {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly fieldType: string
  readonly groupName: string
}

function makeProperties(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const { refused, type } = writable(account, request, 'schemas')
  if (!type) return refused
  const { inputs = [] } = request.body as { inputs?: readonly Wanted[] }
  for (const { name, groupName } of inputs) {
    if (!groupsOf(account, type).has(`${type} ${groupName}`)) return invalid(`There is no group ${groupName}.`)
    if (!/^[a-z][a-z0-9_]*$/.test(name)) return invalid(`${name} is no name of a property.`)
    if (account.properties[type].has(name)) return refusal(409, 'CONFLICT', `A property named ${name} exists.`)
  }
  for (const { name, label, type: kind, fieldType } of inputs) {
    account.addProperty(type, { name, label, type: kind, fieldType } as never)
  }
  return { status: 201, body: { status: 'COMPLETE', results: inputs, ...times(account) } }
}

function update(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const { refused, type } = writable(account, request, 'objects')
  if (!type) return refused
  const { inputs = [] } = request.body as { inputs?: readonly SentRecord[] }
  sent.set(account, [...updatesOf(account), inputs])
  if (inputs.length === 0 || inputs.length > 100)
    return invalid(`inputs has ${inputs.length} records, 1 to 100 are allowed.`)
  for (const { properties } of inputs) {
    for (const name of Object.keys(properties)) {
      if (!account.properties[type].has(name)) return invalid(`Property "${name}" does not exist`)
    }
  }
  const results: object[] = []
  const missing: string[] = []
  for (const { id, properties } of inputs) {
    if (!account.table(type).resolve(id)) missing.push(id)
    else {
      account.update(type, id, properties)
      results.push({ id, properties, archived: false })
    }
  }
  const errors = [
    {
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: 'Could not get some objects.',
      context: { ids: missing },
    },
  ]
  const body = { status: 'COMPLETE', results, ...times(account), ...(missing.length > 0 && { numErrors: 1, errors }) }
  return { status: missing.length > 0 ? 207 : 200, body }
}

function times(account: HubSpotAccount) {
  const now = iso(account.clock.now())
  return { startedAt: now, completedAt: now }
}
