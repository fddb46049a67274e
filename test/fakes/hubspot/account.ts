import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { type AssociationType, associationTypes } from './catalog.ts'
import { type Campaign, Marketing, type NewCampaign } from './marketing.ts'
import { type CrmRecord, type ObjectType, Table } from './records.ts'
import { Settings, type SettingsOptions } from './settings.ts'

/** How long a deleted record can be restored, and is listed as archived. */
const RESTORABLE = 90 * 24 * 60 * 60 * 1000

export interface AccountOptions extends SettingsOptions {
  readonly portalId?: number
  /** Its first bearer token. */
  readonly token?: string
  /** Every other record gets an id above 2^53. */
  readonly bigIds?: boolean
  /** Milliseconds of the fake's time until a change can be found by search. */
  readonly searchLag?: number
}

/** Values for a new or changed record; null and '' empty a property. */
export type Values = Readonly<Record<string, string | number | boolean | null>>

let portals = 147_893_000

/** One portal: its records, settings and tokens, and the ways a test changes them. */
export class HubSpotAccount extends Settings {
  readonly portalId: number
  searchLag: number
  readonly marketing: Marketing
  readonly #tables: Record<ObjectType, Table>
  readonly #labels = new Map<string, AssociationType[]>()
  readonly #bigIds: boolean
  #lastId = 700_000_000_000
  #lastBigId = 2n ** 53n + 1n
  #created = 0

  constructor(options: AccountOptions, clock: Clock) {
    super(clock, options)
    portals += 1
    this.portalId = options.portalId ?? portals
    this.searchLag = options.searchLag ?? 0
    this.#bigIds = options.bigIds ?? false
    this.#tables = { contacts: new Table(), companies: new Table(), deals: new Table(), leads: new Table() }
    this.marketing = new Marketing(clock)
    this.rotateToken(options.token ?? `token-${this.portalId}-${randomUUID()}`)
  }

  // Records

  table(type: ObjectType): Table {
    return this.#tables[type]
  }

  /** The living record of an id. */
  get(type: ObjectType, id: string): CrmRecord | undefined {
    return this.#tables[type].live.get(id)
  }

  /** Ids of all living records, in order: what a complete sync must have. */
  ids(type: ObjectType): string[] {
    return this.#tables[type].live.all().map(({ id }) => id)
  }

  createContact(values: Values = {}, options: CreateOptions = {}): CrmRecord {
    return this.create('contacts', { lifecyclestage: 'lead', ...values }, options)
  }

  createCompany(values: Values = {}, options: CreateOptions = {}): CrmRecord {
    return this.create('companies', values, options)
  }

  createDeal(values: Values = {}, options: CreateOptions = {}): CrmRecord {
    return this.create('deals', { pipeline: 'default', dealstage: 'appointmentscheduled', ...values }, options)
  }

  createLead(values: Values = {}, options: CreateOptions = {}): CrmRecord {
    const stage = { hs_pipeline: 'lead-pipeline-id', hs_pipeline_stage: 'new-stage-id' }
    return this.create('leads', { ...stage, ...values }, options)
  }

  create(type: ObjectType, values: Values = {}, options: CreateOptions = {}): CrmRecord {
    const createdAt = options.createdAt ?? this.clock.now()
    const properties: Record<string, string> = {}
    for (const [name, value] of Object.entries(values)) {
      if (value !== null && value !== '') properties[name] = String(value)
    }
    const record: CrmRecord = {
      id: options.id ?? this.nextId(),
      createdAt,
      updatedAt: options.updatedAt ?? createdAt,
      properties,
      links: {},
    }
    this.#index(type, record.id, undefined)
    this.#tables[type].live.add(record)
    return record
  }

  /** The id of the next record. */
  nextId(): string {
    this.#created += 1
    if (this.#bigIds && this.#created % 2 === 0) {
      this.#lastBigId += 2n
      return String(this.#lastBigId)
    }
    this.#lastId += 1 + (this.#created % 7) * 13
    return String(this.#lastId)
  }

  /** Changes properties and the modified date, and notes both in the history. */
  update(type: ObjectType, id: string, values: Values, { at = this.clock.now() }: { at?: number } = {}): CrmRecord {
    const record = this.#living(type, id)
    this.#index(type, id, record)
    for (const [name, value] of Object.entries(values)) set(record, name, value === null ? '' : String(value), at)
    record.updatedAt = at
    return record
  }

  /** A bulk edit: every record gets the same modified date. */
  updateAll(type: ObjectType, ids: Iterable<string>, values: Values, options: { at?: number } = {}): void {
    const at = options.at ?? this.clock.now()
    for (const id of ids) this.update(type, id, values, { at })
  }

  /** Moves a record to the archive, from where it can be restored for 90 days. */
  delete(type: ObjectType, id: string, { at = this.clock.now() }: { at?: number } = {}): void {
    const record = this.#living(type, id)
    const table = this.#tables[type]
    table.live.remove(id)
    record.archivedAt = at
    table.archived.add(record)
    table.version += 1
  }

  /** Brings a deleted record back; with `touch: false` its modified date does not tell. */
  restore(type: ObjectType, id: string, { touch = true }: { touch?: boolean } = {}): CrmRecord {
    const table = this.#tables[type]
    const record = table.archived.get(id)
    if (!record || !this.restorable(record)) throw new Error(`no archived record ${id} among ${type}`)
    table.archived.remove(id)
    delete record.archivedAt
    if (touch) record.updatedAt = this.clock.now()
    this.#index(type, id, undefined)
    table.live.add(record)
    return record
  }

  restorable({ archivedAt = 0 }: CrmRecord): boolean {
    return archivedAt > this.clock.now() - RESTORABLE
  }

  /** Deletes a contact for good: it is in no list any more, not even among the archived. */
  privacyDelete(id: string): void {
    const table = this.#tables.contacts
    const record = table.live.get(id) ?? table.archived.get(id)
    if (!record) throw new Error(`no contact ${id}`)
    this.#unlink('contacts', record)
    table.live.remove(id)
    table.archived.remove(id)
    table.version += 1
    this.marketing.forget(id)
  }

  /**
   * Merges a record into another. The loser is in no list any more, its id leads to the winner, and its associations
   * are the winner's.
   * @returns the winner, which with `newId` is a new record in place of both
   */
  merge(type: ObjectType, primary: string, secondary: string, { newId = false }: { newId?: boolean } = {}): CrmRecord {
    const table = this.#tables[type]
    const at = this.clock.now()
    const first = this.#living(type, primary)
    const loser = this.#living(type, secondary)
    this.#index(type, primary, first)
    const winner = newId ? { ...first, id: this.nextId() } : first
    const moved = { ...loser.links }
    this.#unlink(type, loser)
    table.live.remove(secondary)
    table.aliases.set(secondary, winner.id)
    if (newId) {
      const links = { ...first.links }
      this.#unlink(type, first)
      table.live.remove(primary)
      table.aliases.set(primary, winner.id)
      winner.links = {}
      table.live.add(winner)
      this.#relink(type, winner, links)
    }
    this.#relink(type, winner, moved)
    for (const [name, value] of Object.entries(loser.properties)) winner.properties[name] ??= value
    const lost = [winner.properties.hs_merged_object_ids, newId ? primary : undefined, secondary]
    const names = lost.flatMap((ids) => (ids ? ids.split(';') : []))
    set(winner, 'hs_merged_object_ids', names.join(';'), at)
    if (type === 'contacts') {
      const moments = [winner.properties.hs_calculated_merged_vids, `${secondary}:${at}`]
      set(winner, 'hs_calculated_merged_vids', moments.filter(Boolean).join(';'), at)
    }
    winner.updatedAt = at
    table.version += 1
    return winner
  }

  // Associations

  /** Associates two records, in both directions; they count as modified unless `touch` is false. */
  associate(
    [fromType, from]: readonly [ObjectType, string],
    [toType, to]: readonly [ObjectType, string],
    { touch = true, labels }: { touch?: boolean; labels?: readonly AssociationType[] } = {},
  ): void {
    const ends = [this.#living(fromType, from), this.#living(toType, to)] as const
    link(ends[0], toType, to)
    link(ends[1], fromType, from)
    if (labels) {
      this.#labels.set(`${fromType}:${from}>${toType}:${to}`, [...labels])
      this.#labels.set(`${toType}:${to}>${fromType}:${from}`, [...labels])
    }
    if (touch) for (const record of ends) record.updatedAt = this.clock.now()
    for (const type of [fromType, toType]) this.#tables[type].version += 1
  }

  dissociate([fromType, from]: readonly [ObjectType, string], [toType, to]: readonly [ObjectType, string]): void {
    unlink(this.#living(fromType, from), toType, to)
    unlink(this.#living(toType, to), fromType, from)
    for (const type of [fromType, toType]) this.#tables[type].version += 1
  }

  /** The kinds of association between two records. */
  associationTypes(fromType: ObjectType, from: CrmRecord, toType: ObjectType, to: string): AssociationType[] {
    const primary =
      toType === 'companies'
        ? from.links.companies?.[0] === to
        : fromType === 'companies' && this.get(toType, to)?.links.companies?.[0] === from.id
    const labels = this.#labels.get(`${fromType}:${from.id}>${toType}:${to}`) ?? []
    return [...labels, ...associationTypes(fromType, toType, primary)]
  }

  /** The short way to {@link Marketing.addCampaign}. */
  addCampaign(campaign: NewCampaign = {}): Campaign {
    return this.marketing.addCampaign(campaign)
  }

  #living(type: ObjectType, id: string): CrmRecord {
    const record = this.#tables[type].live.get(id)
    if (!record) throw new Error(`no record ${id} among ${type}`)
    return record
  }

  #index(type: ObjectType, id: string, before: CrmRecord | undefined): void {
    const table = this.#tables[type]
    table.version += 1
    if (this.searchLag > 0) table.lag(id, this.clock.now() + this.searchLag, before)
  }

  #unlink(type: ObjectType, record: CrmRecord): void {
    for (const [to, ids] of Object.entries(record.links) as [ObjectType, string[]][]) {
      for (const id of ids) {
        const other = this.#tables[to].live.get(id) ?? this.#tables[to].archived.get(id)
        if (other) unlink(other, type, record.id)
      }
    }
  }

  #relink(type: ObjectType, record: CrmRecord, links: CrmRecord['links']): void {
    for (const [to, ids] of Object.entries(links) as [ObjectType, string[]][]) {
      for (const id of ids) {
        const other = this.#tables[to].live.get(id) ?? this.#tables[to].archived.get(id)
        if (!other || other === record) continue
        link(record, to, id)
        link(other, type, record.id)
      }
    }
  }
}

export interface CreateOptions {
  readonly id?: string
  readonly createdAt?: number
  readonly updatedAt?: number
}

function set(record: CrmRecord, name: string, value: string, at: number): void {
  const before = record.properties[name] ?? ''
  if (before === value) return
  record.changes ??= {}
  record.changes[name] ??= before === '' ? [] : [{ value: before, at: record.createdAt }]
  record.changes[name].push({ value, at })
  if (value === '') delete record.properties[name]
  else record.properties[name] = value
}

function link(record: CrmRecord, type: ObjectType, id: string): void {
  record.links[type] ??= []
  if (!record.links[type].includes(id)) record.links[type].push(id)
}

function unlink(record: CrmRecord, type: ObjectType, id: string): void {
  const left = record.links[type]?.filter((other) => other !== id)
  if (left && left.length > 0) record.links[type] = left
  else delete record.links[type]
}
