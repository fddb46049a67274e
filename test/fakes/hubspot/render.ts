import type { HubSpotAccount } from './account.ts'
import { defaultProperties, modifiedProperty, STAGE_PROPERTY, typeNumber, USUAL } from './catalog.ts'
import type { Change, CrmRecord, ObjectType } from './records.ts'

/** A property's value now: null when it is empty, `undefined` when there is no such property. */
export type Getter = (record: CrmRecord) => string | null | undefined

/** How a list of properties is read and written, worked out once for many records. */
export interface Plan {
  readonly values: readonly { readonly key: string; readonly get: Getter }[]
  readonly history: readonly string[]
  readonly type: ObjectType
  /** Address of a record in the user interface, but for the id. */
  readonly url: string
}

const plans = new WeakMap<HubSpotAccount, Map<string, Plan>>()

/** The plan for the properties asked for, in the order the real system writes them. */
export function planFor(
  account: HubSpotAccount,
  type: ObjectType,
  properties: readonly string[],
  history: readonly string[],
): Plan {
  const known = plans.get(account) ?? new Map<string, Plan>()
  plans.set(account, known)
  const key = `${account.settingsVersion} ${type} ${properties.join()} ${history.join()}`
  let plan = known.get(key)
  if (!plan) {
    const asked = properties.length > 0 ? properties : USUAL[type]
    const names = [...new Set([...defaultProperties(type), ...asked])].sort()
    plan = {
      values: names.map((name) => ({ key: `${JSON.stringify(name)}:`, get: getter(account, type, name) })),
      history: history.filter((name) => account.properties[type].has(name)),
      type,
      url: `https://app.hubspot.com/contacts/${account.portalId}/record/${typeNumber(type)}/`,
    }
    if (known.size > 200) known.clear()
    known.set(key, plan)
  }
  return plan
}

/** How a property is read. */
export function getter(account: HubSpotAccount, type: ObjectType, name: string): Getter {
  if (!account.properties[type].has(name)) return () => undefined
  const [created] = defaultProperties(type)
  if (name === created) return (record) => iso(record.createdAt)
  if (name === modifiedProperty(type)) return (record) => iso(record.updatedAt)
  if (name === 'hs_object_id') return (record) => record.id
  const stage = /^hs_(?:v2_)?date_(entered|exited)_(.+)$/.exec(name)
  if (stage) return stageDate(type, stage[1] === 'entered', stage[2] ?? '')
  const oldest = /^hs_lifecyclestage_(.+)_date$/.exec(name)
  if (oldest) return stageDate(type, true, oldest[1] ?? '')
  return (type === 'deals' ? dealGetter(account, name) : undefined) ?? (({ properties }) => properties[name] || null)
}

function dealGetter(account: HubSpotAccount, name: string): Getter | undefined {
  const metadata = (record: CrmRecord) => account.stage('deals', record.properties.dealstage)?.metadata
  const closed = (record: CrmRecord) => metadata(record)?.isClosed === 'true'
  const certain = (record: CrmRecord) => Number(metadata(record)?.probability) === 1
  const derived: Record<string, Getter> = {
    hs_is_closed: (record) => String(closed(record)),
    hs_is_closed_won: (record) => String(closed(record) && certain(record)),
    hs_is_closed_lost: (record) => String(closed(record) && !certain(record)),
    hs_deal_stage_probability(record) {
      const probability = metadata(record)?.probability
      // The real system writes out the whole binary fraction: 0.40000000000000002220446…
      return probability === undefined
        ? null
        : Number(probability)
            .toFixed(55)
            .replace(/\.?0+$/, '')
    },
    amount_in_home_currency(record) {
      const rate = account.rate(record.properties.deal_currency_code ?? account.currency)
      const amount = record.properties.amount
      return amount === undefined || rate === undefined ? null : String(Math.round(Number(amount) * rate * 100) / 100)
    },
  }
  return Object.hasOwn(derived, name) ? derived[name] : undefined
}

/** When a stage was last entered or left. */
function stageDate(type: ObjectType, entered: boolean, stage: string): Getter {
  const property = STAGE_PROPERTY[type] ?? ''
  return (record) => {
    const changes = historyOf(record, property)
    const at = changes.findLastIndex(({ value }) => value === stage)
    const moment = (at < 0 ? undefined : changes[entered ? at : at + 1])?.at
    return moment === undefined ? null : iso(moment)
  }
}

/** All values a property had, oldest first. */
export function historyOf(record: CrmRecord, name: string): readonly Change[] {
  const value = record.properties[name]
  return record.changes?.[name] ?? (value === undefined ? [] : [{ value, at: record.createdAt }])
}

const DAY = 86_400_000
const MINUTE = 60_000
const days = new Map<number, string>()
const minutes = Array.from({ length: 1440 }, (_, minute) => new Date(minute * MINUTE).toISOString().slice(11, 17))
const rests: string[] = []

/** `2026-03-12T07:33:46.615Z`, put together from parts: pages are full of times, and the usual way is slow. */
export function iso(moment: number): string {
  const day = Math.floor(moment / DAY)
  let date = days.get(day)
  if (date === undefined) {
    date = new Date(day * DAY).toISOString().slice(0, 11)
    days.set(day, date)
  }
  const time = moment - day * DAY
  const minute = Math.floor(time / MINUTE)
  const rest = time - minute * MINUTE
  rests[rest] ??= new Date(rest).toISOString().slice(17)
  return date + minutes[minute] + rests[rest]
}

/** What JSON cannot hold as it is: rare, and looking for it is faster than the general way. */
const SPECIAL = /["\\\p{Cc}\p{Cs}]/u

function quoted(value: string): string {
  return SPECIAL.test(value) ? JSON.stringify(value) : `"${value}"`
}

/** A record as JSON. Written by hand: pages of a hundred are what benches spend their time on. */
export function recordJson(plan: Plan, record: CrmRecord, associations?: unknown): string {
  let text = `{"id":"${record.id}","properties":{`
  let first = true
  for (const { key, get } of plan.values) {
    const value = get(record)
    if (value === undefined) continue
    text += first ? key : `,${key}`
    text += value === null ? 'null' : quoted(value)
    first = false
  }
  text += '}'
  if (plan.history.length > 0) text += `,"propertiesWithHistory":${JSON.stringify(histories(plan, record))}`
  text += `,"createdAt":"${iso(record.createdAt)}","updatedAt":"${iso(record.updatedAt)}"`
  text += `,"archived":${record.archivedAt !== undefined}`
  if (record.archivedAt !== undefined) text += `,"archivedAt":"${iso(record.archivedAt)}"`
  if (associations) text += `,"associations":${JSON.stringify(associations)}`
  return `${text},"url":"${plan.url}${record.id}"}`
}

function histories(plan: Plan, record: CrmRecord) {
  return Object.fromEntries(
    plan.history.map((name) => {
      const byAnalytics = /analytics|latest_source/.test(name)
      const source = byAnalytics
        ? { sourceType: 'ANALYTICS', sourceId: 'WebAnalyticsPropertyCalculation' }
        : { sourceType: 'CRM_UI', sourceId: 'userId:7', sourceLabel: 'CRM UI', updatedByUserId: 7 }
      const items = historyOf(record, name).map(({ value, at }) => ({ value, timestamp: iso(at), ...source }))
      return [name, items.reverse()]
    }),
  )
}

let scratch = Buffer.allocUnsafe(1 << 20)

/** Collects text as bytes. Encoding piece by piece takes half the time of encoding a page that was put together first. */
export class Bytes {
  #length = 0

  add(text: string): void {
    // A character of a string takes three bytes at most.
    if (this.#length + text.length * 3 > scratch.length) {
      const larger = Buffer.allocUnsafe((scratch.length + text.length * 3) * 2)
      scratch.copy(larger, 0, 0, this.#length)
      scratch = larger
    }
    this.#length += scratch.write(text, this.#length)
  }

  /** A copy: the next page is collected in the same place. */
  done(): Buffer {
    return Buffer.from(scratch.subarray(0, this.#length))
  }
}
