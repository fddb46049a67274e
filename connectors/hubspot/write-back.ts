import { z } from 'zod'
import { ConnectorError } from '../../src/errors.ts'
import type { Change, Http, Ref, WriteOptions, WriteReport, WrittenValue } from '../../src/sync/contract.ts'
import { RELEASE, text } from './api.ts'
import type { HubspotContext } from './env.ts'
import { checkScopes, WRITE_SCOPES } from './oauth.ts'

/** Most records of a batch, read or written. */
const BATCH = 100
const GROUP = { name: 'roi_panel', label: 'ROI panel' } as const
/** Values and failures that a report names. */
const NAMED = 100

interface OwnProperty {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly type: 'string' | 'number'
}

const SOURCE: OwnProperty = {
  name: 'roi_panel_source',
  label: 'ROI: source',
  description: 'Channel that earned most of this record. Written by ROI panel; changes made by hand are overwritten.',
  type: 'string',
}

/** Everything that is ever written, by kind of record. */
export const OWN_PROPERTIES: Readonly<
  Record<'deal' | 'contact', { object: string; properties: readonly OwnProperty[] }>
> = {
  deal: {
    object: 'deals',
    properties: [
      SOURCE,
      {
        name: 'roi_panel_first_source',
        label: 'ROI: first source',
        description: 'Channel of the first touch before this deal was won. Written by ROI panel.',
        type: 'string',
      },
      {
        name: 'roi_panel_credit',
        label: 'ROI: credit',
        description: 'How the credit of this won deal is shared between channels. Written by ROI panel.',
        type: 'string',
      },
      {
        name: 'roi_panel_source_roi',
        label: 'ROI: return of the source, %',
        description: 'Net return on investment of the channel in "ROI: source", all time. Written by ROI panel.',
        type: 'number',
      },
    ],
  },
  contact: {
    object: 'contacts',
    properties: [{ ...SOURCE, description: 'Channel of the first touch. Written by ROI panel.' }],
  },
}
type Kind = keyof typeof OWN_PROPERTIES
const KINDS: readonly Kind[] = ['deal', 'contact']

const Properties = z.object({ results: z.array(z.object({ name: z.string(), type: z.string() })) })
const Groups = z.object({ results: z.array(z.object({ name: z.string() })) })
const Anything = z.unknown()
const Records = z.object({
  results: z.array(z.object({ id: text, properties: z.record(z.string(), z.string().nullish()) })),
})
const Updated = z.object({
  results: z.array(z.object({ id: text })),
  errors: z
    .array(
      z.object({ message: z.string().optional(), context: z.object({ ids: z.array(text).optional() }).optional() }),
    )
    .optional(),
})

/** Fills our own properties of deals and contacts; what is there already is not sent again. Without changes nothing is asked. */
export async function write(
  context: HubspotContext,
  changes: AsyncIterable<Change>,
  { dryRun, onProgress }: WriteOptions,
): Promise<WriteReport> {
  const { http, signal } = context
  const report = new Report()
  let ready = false
  for await (const { kind, batch } of batches(changes)) {
    signal.throwIfAborted()
    if (!ready) report.created.push(...(await prepare(context, dryRun)))
    ready = true
    await writeBatch(http, kind, batch, dryRun, report)
    onProgress?.(report.records)
  }
  return report.result()
}

/** Everything that could stop the write half way is looked at before its first record. */
async function prepare(context: HubspotContext, dryRun: boolean): Promise<string[]> {
  if (!dryRun) {
    checkScopes(
      context,
      KINDS.map((kind) => WRITE_SCOPES[kind].records),
    )
  }
  const created: string[] = []
  for (const kind of KINDS) created.push(...(await makeProperties(context, kind, dryRun)))
  return created
}

/** Changes of one kind, a batch at a time. Kinds that we have no properties for are left out. */
async function* batches(changes: AsyncIterable<Change>): AsyncGenerator<{ kind: Kind; batch: Change[] }> {
  let kind: Kind | undefined
  let batch: Change[] = []
  for await (const change of changes) {
    if (change.type !== 'deal' && change.type !== 'contact') continue
    if (kind !== undefined && (kind !== change.type || batch.length === BATCH)) {
      yield { kind, batch }
      batch = []
    }
    kind = change.type
    batch.push(change)
  }
  if (kind !== undefined && batch.length > 0) yield { kind, batch }
}

/**
 * Makes the group and the properties that are missing; a dry run only names them.
 * @returns their names, with the kind of record in front
 * @throws ConnectorError `property_taken` when somebody else has a property of our name and another type
 */
async function makeProperties(context: HubspotContext, kind: Kind, dryRun: boolean): Promise<string[]> {
  const { http } = context
  const { object, properties } = OWN_PROPERTIES[kind]
  const path = `/crm/properties/${RELEASE}/${object}`
  const there = new Map((await http.get({ path }, Properties)).results.map(({ name, type }) => [name, type]))
  for (const { name, type } of properties) {
    const found = there.get(name)
    if (found !== undefined && found !== type) {
      throw new ConnectorError(
        'fix-settings',
        'property_taken',
        `HubSpot has a property ${name} of type ${found} on ${object}; ours is a ${type}. Rename or remove it.`,
      )
    }
  }
  const missing = properties.filter(({ name }) => !there.has(name))
  const names = missing.map(({ name }) => `${object}.${name}`)
  if (missing.length === 0 || dryRun) return names
  checkScopes(context, [WRITE_SCOPES[kind].properties])
  const groups = await http.get({ path: `${path}/groups` }, Groups)
  if (!groups.results.some(({ name }) => name === GROUP.name)) {
    await http.get({ method: 'POST', path: `${path}/groups`, json: { ...GROUP, displayOrder: -1 } }, Anything)
  }
  const inputs = missing.map((property) => ({
    ...property,
    groupName: GROUP.name,
    fieldType: property.type === 'number' ? 'number' : 'text',
    formField: false,
  }))
  await http.get({ method: 'POST', path: `${path}/batch/create`, json: { inputs } }, Anything)
  return names
}

async function writeBatch(http: Http, kind: Kind, batch: readonly Change[], dryRun: boolean, report: Report) {
  const { object, properties } = OWN_PROPERTIES[kind]
  const path = `/crm/objects/${RELEASE}/${object}/batch`
  const json = { inputs: batch.map(({ id }) => ({ id })), properties: properties.map(({ name }) => name) }
  const { results } = await http.get({ method: 'POST', path: `${path}/read`, json }, Records)
  const now = new Map(results.map(({ id, properties }) => [id, properties]))
  const inputs: { id: string; properties: Record<string, string> }[] = []
  for (const change of batch) {
    const before = now.get(change.id)
    report.records += 1
    if (!before) report.fail(change, 'It is not there any more.')
    else {
      const differing = differencesOf(kind, change, before)
      if (differing.length === 0) report.unchanged += 1
      else {
        report.note(differing)
        inputs.push({
          id: change.id,
          properties: Object.fromEntries(differing.map(({ field, after }) => [field, after ?? ''])),
        })
      }
    }
  }
  if (dryRun || inputs.length === 0) return
  const answer = await http.get({ method: 'POST', path: `${path}/update`, json: { inputs } }, Updated)
  report.written += answer.results.length
  for (const { message = 'HubSpot gave no reason.', context } of answer.errors ?? []) {
    for (const id of context?.ids ?? []) report.fail({ type: kind, id }, message)
  }
}

function differencesOf(kind: Kind, change: Change, before: Readonly<Record<string, string | null | undefined>>) {
  return OWN_PROPERTIES[kind].properties.flatMap(({ name, type }): WrittenValue[] => {
    const wanted = change.values[name]
    if (wanted === undefined) return []
    const old = before[name] || null
    const after = wanted === null || wanted === '' ? null : String(wanted)
    const same = type === 'number' && old !== null && after !== null ? Number(old) === Number(after) : old === after
    return same ? [] : [{ type: change.type, id: change.id, field: name, before: old, after }]
  })
}

class Report {
  records = 0
  unchanged = 0
  written = 0
  readonly created: string[] = []
  #changed = 0
  #failed = 0
  readonly #examples: (Ref & { message: string })[] = []
  readonly #values: WrittenValue[] = []

  note(values: readonly WrittenValue[]): void {
    this.#changed += 1
    this.#values.push(...values.slice(0, NAMED - this.#values.length))
  }

  fail({ type, id }: Ref, message: string): void {
    this.#failed += 1
    if (this.#examples.length < NAMED) this.#examples.push({ type, id, message })
  }

  result(): WriteReport {
    return {
      records: this.records,
      unchanged: this.unchanged,
      changed: this.#changed,
      written: this.written,
      failed: { count: this.#failed, examples: this.#examples },
      created: this.created,
      values: this.#values,
    }
  }
}
