import { RoiError } from '../errors.ts'
import { currentActor } from './actor.ts'
import { note } from './audit.ts'
import { sortableId } from './ids.ts'
import type { Sql, Store } from './sql.ts'

/** Things of a part in one row. */
const CHUNK = 500

/** A month that was closed (F144). */
export interface PeriodClose {
  /** `cls_…`; sorts by creation. */
  readonly id: string
  /** Its first day. */
  readonly month: string
  readonly at: Date
  /** Who closed it (see `Actor`). */
  readonly actor: string | null
  /** What the locked numbers were made from, as JSON. */
  readonly basis: unknown
  /** Null while it is closed. */
  readonly reopened: { readonly at: Date; readonly actor: string | null; readonly reason: string } | null
}

/** The locked numbers of a close, by what they are: lists of JSON. */
export type CloseParts = Readonly<Record<string, readonly unknown[]>>

/** The part of the state store about closed periods: what only we hold, since later data would give other numbers. */
export interface CloseState {
  /** Every close there ever was, newest month first, then newest first. */
  closes(tenant: number): Promise<readonly PeriodClose[]>
  /** Closes that hold, by month. */
  closedMonths(tenant: number): Promise<readonly PeriodClose[]>
  /** Closes a month with its numbers, in one durable step; audited. @throws RoiError `already_closed` */
  addClose(tenant: number, month: string, basis: unknown, parts: CloseParts): Promise<PeriodClose>
  /** Locked numbers of a close. */
  closePart(tenant: number, id: string, part: string): Promise<unknown[]>
  /** Opens a month again; its numbers are kept with the close. Audited. @throws RoiError `not_closed` */
  reopenMonth(tenant: number, month: string, reason: string): Promise<PeriodClose>
}

interface Row {
  readonly id: string
  readonly month: string
  readonly at: string
  readonly actor: string | null
  readonly basis: string
  readonly reopened_at: string | null
  readonly reopened_by: string | null
  readonly reason: string | null
}

const SELECT = 'SELECT id, month, at, actor, basis, reopened_at, reopened_by, reason FROM period_close'

export function closeStore({ engine, at }: Store): CloseState {
  const find = async (sql: Sql, tenant: number, month: string) => {
    const [row] = await sql.all<Row>(
      `${SELECT} WHERE tenant_id = $1 AND month = $2 AND reopened_at IS NULL`,
      tenant,
      month,
    )
    return row
  }
  return {
    async closes(tenant) {
      const rows = await engine.all<Row>(`${SELECT} WHERE tenant_id = $1 ORDER BY month DESC, id DESC`, tenant)
      return rows.map(toClose)
    },

    async closedMonths(tenant) {
      const rows = await engine.all<Row>(
        `${SELECT} WHERE tenant_id = $1 AND reopened_at IS NULL ORDER BY month`,
        tenant,
      )
      return rows.map(toClose)
    },

    addClose(tenant, month, basis, parts) {
      return engine.transaction(async (sql) => {
        if (await find(sql, tenant, month)) throw alreadyClosed(month)
        const now = at()
        const [newest] = await sql.all<{ id: string | null }>(
          'SELECT max(id) AS id FROM period_close WHERE tenant_id = $1',
          tenant,
        )
        const id = sortableId('cls', new Date(now), newest?.id ?? undefined)
        await sql.run(
          'INSERT INTO period_close (tenant_id, id, month, at, actor, basis) VALUES ($1, $2, $3, $4, $5, $6)',
          tenant,
          id,
          month,
          now,
          currentActor(),
          JSON.stringify(basis),
        )
        for (const [part, things] of Object.entries(parts)) await addPart(sql, { tenant, id, part }, things)
        const entry = { tenant, action: 'close', subject: month, before: null, after: JSON.stringify({ id }) }
        await note(sql, now, entry)
        return toClose((await find(sql, tenant, month))!)
      })
    },

    async closePart(tenant, id, part) {
      const rows = await engine.all<{ body: string }>(
        'SELECT body FROM close_part WHERE tenant_id = $1 AND close_id = $2 AND part = $3 ORDER BY position',
        tenant,
        id,
        part,
      )
      return rows.flatMap(({ body }) => JSON.parse(body) as unknown[])
    },

    reopenMonth(tenant, month, reason) {
      return engine.transaction(async (sql) => {
        const row = await find(sql, tenant, month)
        if (!row) throw notClosed(month)
        const now = at()
        await sql.run(
          'UPDATE period_close SET reopened_at = $3, reopened_by = $4, reason = $5 WHERE tenant_id = $1 AND id = $2',
          tenant,
          row.id,
          now,
          currentActor(),
          reason,
        )
        const json = (value: unknown) => JSON.stringify(value)
        const entry = {
          tenant,
          action: 'reopen',
          subject: month,
          before: json({ id: row.id }),
          after: json({ reason }),
        }
        await note(sql, now, entry)
        return toClose({ ...row, reopened_at: now, reopened_by: currentActor(), reason })
      })
    },
  }
}

async function addPart(
  sql: Sql,
  { tenant, id, part }: { readonly tenant: number; readonly id: string; readonly part: string },
  things: readonly unknown[],
): Promise<void> {
  for (let start = 0; start < things.length; start += CHUNK) {
    await sql.run(
      'INSERT INTO close_part (tenant_id, close_id, part, position, body) VALUES ($1, $2, $3, $4, $5)',
      tenant,
      id,
      part,
      start / CHUNK,
      JSON.stringify(things.slice(start, start + CHUNK)),
    )
  }
}

function toClose({ id, month, at, actor, basis, reopened_at, reopened_by, reason }: Row): PeriodClose {
  return {
    id,
    month,
    at: new Date(at),
    actor,
    basis: JSON.parse(basis),
    reopened: reopened_at === null ? null : { at: new Date(reopened_at), actor: reopened_by, reason: reason ?? '' },
  }
}

export function alreadyClosed(month: string): RoiError {
  const name = month.slice(0, 7)
  return new RoiError(
    'usage',
    'already_closed',
    { en: `${name} is closed already.`, 'zh-CN': `${name} 已经关账。` },
    {
      en: `See what changed since with "close show ${name}", or open it again with "close reopen ${name} --reason TEXT".`,
      'zh-CN': `请用 “close show ${name}” 查看之后的变化，或用 “close reopen ${name} --reason 原因” 重新打开。`,
    },
  )
}

export function notClosed(month: string): RoiError {
  const name = month.slice(0, 7)
  return new RoiError(
    'not_found',
    'not_closed',
    { en: `${name} is not closed.`, 'zh-CN': `${name} 尚未关账。` },
    { en: 'See "close list".', 'zh-CN': '请查看 “close list”。' },
  )
}
