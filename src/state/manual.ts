import { currentActor } from './actor.ts'
import { sortableId } from './ids.ts'
import { checkValue } from './manual-check.ts'
import type { ManualKind, ManualValue } from './manual-values.ts'
import { fromJson, type Sql, type Store } from './sql.ts'

/** Ids that the store gives, by kind; others are given by what an entry is about. */
const PREFIX = { cost: 'cst', budget: 'bud' } as const

/** Something a person entered, as it is now. */
export interface ManualEntry<Kind extends ManualKind = ManualKind> {
  /** `cst_…`, `bud_…`; of a campaign its source and id, of a rate its currencies and day. */
  readonly id: string
  readonly kind: Kind
  /** Null once it was removed. */
  readonly value: ManualValue<Kind> | null
  /** Number of its last change in the workspace. */
  readonly seq: number
}

/** One change of an entry. */
export interface ManualChange {
  readonly at: Date
  /** Who did it (see {@link currentActor}); null = the program by itself. */
  readonly actor: string | null
  /** Null where the entry was new. */
  readonly before: Readonly<Record<string, unknown>> | null
  /** Null where it was removed. */
  readonly after: Readonly<Record<string, unknown>> | null
  readonly reason: string | null
}

/** The part of the state store about what people enter by hand. */
export interface ManualState {
  /** Entries of a kind that were not removed, in the order of their ids. */
  manualEntries<Kind extends ManualKind>(
    tenant: number,
    kind: Kind,
  ): Promise<readonly (ManualEntry<Kind> & { readonly value: ManualValue<Kind> })[]>
  /** An entry, also one that was removed. */
  findManual<Kind extends ManualKind>(tenant: number, kind: Kind, id: string): Promise<ManualEntry<Kind> | undefined>
  /** Adds a cost or a budget under an id of its own. @throws RoiError `bad_entry` */
  addManual<Kind extends keyof typeof PREFIX>(tenant: number, kind: Kind, value: unknown): Promise<ManualEntry<Kind>>
  /**
   * Writes an entry and its trail in one durable step, alone: nothing comes in between what it was and what it becomes.
   * @param edit what it becomes, from what it is now (null = it is not there); null removes it. What it throws changes nothing.
   * @returns undefined when that changes nothing
   * @throws RoiError `bad_entry`
   */
  editManual<Kind extends ManualKind>(
    tenant: number,
    kind: Kind,
    id: string,
    edit: (value: ManualValue<Kind> | null) => unknown,
    reason?: string,
  ): Promise<ManualEntry<Kind> | undefined>
  /** Changes of an entry, oldest first. */
  manualTrail(tenant: number, id: string): Promise<readonly ManualChange[]>
  /** Entries changed after a change, in the order of their last one, removed ones among them. */
  manualAfter(tenant: number, seq: number, limit: number): Promise<readonly ManualEntry[]>
  /** Number of the last change; 0 = none. */
  lastManual(tenant: number): Promise<number>
}

interface EntryRow {
  readonly id: string
  readonly kind: ManualKind
  readonly value: string | null
  readonly seq: number
}

const ENTRY = 'SELECT id, kind, value, seq FROM manual_entry'

/** What people enter by hand, with its trail. */
export function manualStore({ engine, at }: Store): ManualState {
  /** Writes an entry with its change; only inside a transaction, which makes the number its own. */
  const write = async (sql: Sql, tenant: number, change: Change): Promise<number> => {
    const [last] = await sql.all<{ seq: number | null }>(
      'SELECT max(seq) AS seq FROM manual_change WHERE tenant_id = $1',
      tenant,
    )
    const seq = Number(last?.seq ?? 0) + 1
    const { id, kind, before, after, reason } = change
    await sql.run(
      'INSERT INTO manual_change VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
      tenant,
      seq,
      id,
      at(),
      currentActor(),
      before,
      after,
      reason ?? null,
    )
    await sql.run(
      `INSERT INTO manual_entry (tenant_id, id, kind, value, seq) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, id) DO UPDATE SET value = excluded.value, seq = excluded.seq`,
      tenant,
      id,
      kind,
      after,
      seq,
    )
    return seq
  }
  const find = async (sql: Sql, tenant: number, kind: ManualKind, id: string) => {
    const [row] = await sql.all<EntryRow>(`${ENTRY} WHERE tenant_id = $1 AND kind = $2 AND id = $3`, tenant, kind, id)
    return row
  }
  return {
    async manualEntries<Kind extends ManualKind>(tenant: number, kind: Kind) {
      const rows = await engine.all<EntryRow>(
        `${ENTRY} WHERE tenant_id = $1 AND kind = $2 AND value IS NOT NULL ORDER BY id`,
        tenant,
        kind,
      )
      return rows.map((row) => toEntry<Kind>(row) as ManualEntry<Kind> & { readonly value: ManualValue<Kind> })
    },

    async findManual<Kind extends ManualKind>(tenant: number, kind: Kind, id: string) {
      const row = await find(engine, tenant, kind, id)
      return row && toEntry<Kind>(row)
    },

    addManual<Kind extends keyof typeof PREFIX>(tenant: number, kind: Kind, given: unknown) {
      return engine.transaction(async (sql) => {
        const value = checkValue(kind, given)
        const [newest] = await sql.all<{ id: string | null }>(
          'SELECT max(id) AS id FROM manual_entry WHERE tenant_id = $1 AND kind = $2',
          tenant,
          kind,
        )
        const id = sortableId(PREFIX[kind], new Date(at()), newest?.id ?? undefined)
        const after = JSON.stringify(value)
        const seq = await write(sql, tenant, { id, kind, before: null, after })
        return { id, kind, value, seq }
      })
    },

    editManual<Kind extends ManualKind>(
      tenant: number,
      kind: Kind,
      id: string,
      edit: (value: ManualValue<Kind> | null) => unknown,
      reason?: string,
    ) {
      return engine.transaction(async (sql) => {
        const row = await find(sql, tenant, kind, id)
        const before = row?.value ?? null
        const wanted = edit(fromJson(before) as ManualValue<Kind> | null)
        const value = wanted === null ? null : checkValue(kind, wanted)
        const after = value === null ? null : JSON.stringify(value)
        if (after === before) return undefined
        const seq = await write(sql, tenant, { id, kind, before, after, reason })
        return { id, kind, value, seq }
      })
    },

    async manualTrail(tenant, id) {
      const rows = await engine.all<TrailRow>(
        `SELECT at, actor, value_before, value_after, reason FROM manual_change
         WHERE tenant_id = $1 AND entry_id = $2 ORDER BY seq`,
        tenant,
        id,
      )
      return rows.map(({ at: when, actor, value_before, value_after, reason }) => ({
        at: new Date(when),
        actor,
        before: fromJson(value_before) as ManualChange['before'],
        after: fromJson(value_after) as ManualChange['after'],
        reason,
      }))
    },

    async manualAfter(tenant, seq, limit) {
      const rows = await engine.all<EntryRow>(
        `${ENTRY} WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
        tenant,
        seq,
        limit,
      )
      return rows.map((row) => toEntry(row))
    },

    async lastManual(tenant) {
      const [row] = await engine.all<{ seq: number | null }>(
        'SELECT max(seq) AS seq FROM manual_entry WHERE tenant_id = $1',
        tenant,
      )
      return Number(row?.seq ?? 0)
    },
  }
}

interface Change {
  readonly id: string
  readonly kind: ManualKind
  readonly before: string | null
  readonly after: string | null
  readonly reason?: string | undefined
}

interface TrailRow {
  readonly at: string
  readonly actor: string | null
  readonly value_before: string | null
  readonly value_after: string | null
  readonly reason: string | null
}

function toEntry<Kind extends ManualKind>({ id, kind, value, seq }: EntryRow): ManualEntry<Kind> {
  return { id, kind: kind as Kind, value: fromJson(value) as ManualValue<Kind> | null, seq: Number(seq) }
}
