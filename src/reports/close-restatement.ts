import type { CloseInfo, RestatedRecord, Restatement } from '../api/closes.ts'
import type { Reader } from '../db/database.ts'
import type { Locale, Text } from '../errors.ts'
import { count } from '../metrics/formulas.ts'
import { labelOf } from '../metrics/labels.ts'
import { type Credit, type SumQuery, type Sums, sumBy, total } from '../metrics/sums.ts'
import { formatMinor } from '../model/money.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import type { CloseBasis, LockedRecord } from '../state/close-parts.ts'
import { recordsOf } from './close.ts'
import { type Changed, changesOf, kindsOf } from './close-changes.ts'
import { monthAfter } from './close-period.ts'

const UNATTRIBUTED: Text = { en: 'Unattributed', 'zh-CN': '未归因' }

/** Which close, and which page of its records. */
export interface RestatementQuery {
  readonly close: CloseInfo
  readonly basis: CloseBasis
  /** Records that were locked. */
  readonly records: readonly LockedRecord[]
  readonly configuration: Restatement['configuration']
  readonly locale: Locale
  readonly limit: number
  readonly offset: number
}

/** The locked numbers of a month beside what the data says now, and why they differ (F144). */
export async function restate(
  reader: Reader,
  workspace: Workspace,
  { close, basis, records, configuration, locale, limit, offset }: RestatementQuery,
): Promise<Restatement> {
  const { currency, model, revenue_basis: revenueBasis } = basis
  const from = `${close.month}-01`
  const to = monthAfter(from)
  const question: SumQuery = { from, to, by: ['channel'], dateBasis: 'close', revenueBasis, filter: [] }
  const then = await sumBy(reader, workspace, question)
  const now = await sumBy(reader, workspace, { ...question, live: true })
  const kinds = kindsOf(revenueBasis)
  const locked = records.filter(({ kind }) => kinds.has(kind))
  const found = await recordsOf(reader, workspace.tenant, { from, to, model, asked: locked })
  const live = found.filter(({ kind }) => kinds.has(kind))
  const changes = changesOf(locked, live, (day) => day >= from && day < to)
  const pairs = new Pairs(model, currency)
  const keys = [...new Set([...then.groups, ...now.groups].map(({ key }) => key))].sort()
  const group = (groups: readonly Sums[], key: string) => groups.find((sums) => sums.key === key)
  const channels = [
    ...keys.map((key) => ({
      channel: key,
      label: labelOf('channel', { key, name: null }, locale),
      ...pairs.of(group(then.groups, key), group(now.groups, key)),
    })),
    { channel: null, label: UNATTRIBUTED[locale], ...pairs.of(then.unattributed, now.unattributed) },
  ]
  const page = changes.slice(offset, offset + limit)
  return {
    workspace: workspace.key,
    close,
    changed: changes.length > 0 || channels.some(isOther),
    channels,
    total: pairs.of(total([...then.groups, then.unattributed]), total([...now.groups, now.unattributed])),
    configuration,
    records: page.map((change) => toRecord(change, currency, locale)),
    count: changes.length,
    next: offset + limit < changes.length ? offset + limit : null,
  }
}

type Compared = Pick<Restatement['channels'][number], 'cost' | 'revenue' | 'leads' | 'won' | 'new_customers'>

/** Two sums side by side; none counts as 0. */
class Pairs {
  readonly #model: RuleModel
  readonly #currency: string

  constructor(model: RuleModel, currency: string) {
    this.#model = model
    this.#currency = currency
  }

  of(then: Sums | undefined, now: Sums | undefined): Compared {
    const credit = (read: (credit: Credit) => bigint) =>
      [then, now].map((sums) => (sums ? read(sums.credit[this.#model]) : 0n)) as [bigint, bigint]
    const counted = (read: (credit: Credit) => bigint) => {
      const [a, b] = credit(read)
      return { before: count(a), after: count(b) }
    }
    return {
      cost: this.#money(then?.cost.minor ?? 0n, now?.cost.minor ?? 0n),
      revenue: this.#money(...credit(({ revenue }) => revenue)),
      leads: counted(({ counts }) => counts.lead),
      won: counted(({ counts }) => counts.won),
      new_customers: counted(({ newCustomers }) => newCustomers),
    }
  }

  #money(then: bigint, now: bigint) {
    const text = (minor: bigint) => formatMinor(minor, this.#currency)
    return { before: text(then), after: text(now), difference: text(now - then) }
  }
}

/** True where anything that a restatement compares is not as it was. */
function isOther({ cost, revenue, leads, won, new_customers }: Compared): boolean {
  return (
    cost.before !== cost.after ||
    revenue.before !== revenue.after ||
    [leads, won, new_customers].some(({ before, after }) => before !== after)
  )
}

function toRecord(
  { what, change, before, after, inside, differences }: Changed,
  currency: string,
  locale: Locale,
): RestatedRecord {
  const { source, source_id, name } = (after ?? before)!
  const money = (record: LockedRecord | null) => record && formatMinor(BigInt(record.minor), currency)
  return {
    what,
    change,
    source,
    id: source_id,
    name,
    day_before: before?.day ?? null,
    day_after: after?.day ?? null,
    before: money(before),
    after: money(inside ? after : null),
    channels: [...differences].map(([channel, difference]) => ({
      channel,
      label: channel === null ? UNATTRIBUTED[locale] : labelOf('channel', { key: channel, name: null }, locale),
      difference: formatMinor(difference, currency),
    })),
  }
}
