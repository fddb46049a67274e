import { RoiError } from '../errors.ts'
import { currentActor } from './actor.ts'
import { note } from './audit.ts'
import { sortableId } from './ids.ts'
import { type Sql, type Store, toDate } from './sql.ts'

/** A record by the id its source gives it. */
export interface SourceId {
  readonly source: string
  readonly id: string
}

/** What a person says of a touch: it does not count, or it is another channel's or campaign's. */
export interface NewCorrection {
  readonly touch: SourceId
  readonly action: 'leave_out' | 'move'
  /** For `move`: where to; null = stays as it is. */
  readonly channel: string | null
  readonly campaign: SourceId | null
  readonly reason: string
  /** Channel and campaign it had, as people read them. */
  readonly was: { readonly channel: string | null; readonly campaign: string | null }
}

export interface Correction extends NewCorrection {
  /** `cor_…`; sorts by creation. */
  readonly id: string
  /** Who made it (see `Actor`); null = the program by itself. */
  readonly author: string | null
  readonly at: Date
  /** Null while it holds. */
  readonly revokedAt: Date | null
  readonly revokedBy: string | null
}

/** The part of the state store about corrected touches (F54). */
export interface CorrectionState {
  /** Corrections of a workspace, newest first. @param all revoked ones too */
  corrections(tenant: number, all?: boolean): Promise<readonly Correction[]>
  /** Adds a correction; one of the same touch that held until then is revoked. Audited. */
  addCorrection(tenant: number, correction: NewCorrection): Promise<Correction>
  /**
   * Takes a correction back; audited.
   * @throws RoiError `unknown_correction`, `correction_revoked`
   */
  revokeCorrection(tenant: number, id: string): Promise<Correction>
  /** Number of the last change of a correction; 0 = there never was one. */
  lastCorrection(tenant: number): Promise<number>
}

interface Row {
  readonly id: string
  readonly touch_source: string
  readonly touch: string
  readonly action: 'leave_out' | 'move'
  readonly channel: string | null
  readonly campaign_source: string | null
  readonly campaign: string | null
  readonly reason: string
  readonly author: string | null
  readonly at: string
  readonly was_channel: string | null
  readonly was_campaign: string | null
  readonly revoked_at: string | null
  readonly revoked_by: string | null
}

const CORRECTION = `SELECT id, touch_source, touch, action, channel, campaign_source, campaign, reason, author, at, was_channel,
                           was_campaign, revoked_at, revoked_by FROM correction`

export function correctionStore({ engine, at }: Store): CorrectionState {
  const next = async (sql: Sql, tenant: number) => {
    const [last] = await sql.all<{ seq: number | null; id: string | null }>(
      'SELECT max(seq) AS seq, max(id) AS id FROM correction WHERE tenant_id = $1',
      tenant,
    )
    return { seq: Number(last?.seq ?? 0) + 1, newest: last?.id ?? undefined }
  }
  const revoke = async (sql: Sql, tenant: number, row: Row): Promise<void> => {
    const { seq } = await next(sql, tenant)
    await sql.run(
      'UPDATE correction SET revoked_at = $3, revoked_by = $4, seq = $5 WHERE tenant_id = $1 AND id = $2',
      tenant,
      row.id,
      at(),
      currentActor(),
      seq,
    )
    const before = JSON.stringify(said(row))
    await note(sql, at(), { tenant, action: 'correction', subject: row.id, before, after: null })
  }
  return {
    async corrections(tenant, all = false) {
      const holding = all ? '' : 'AND revoked_at IS NULL'
      const rows = await engine.all<Row>(`${CORRECTION} WHERE tenant_id = $1 ${holding} ORDER BY id DESC`, tenant)
      return rows.map(toCorrection)
    },

    addCorrection(tenant, { touch, action, channel, campaign, reason, was }) {
      return engine.transaction(async (sql) => {
        const [old] = await sql.all<Row>(
          `${CORRECTION} WHERE tenant_id = $1 AND touch_source = $2 AND touch = $3 AND revoked_at IS NULL`,
          tenant,
          touch.source,
          touch.id,
        )
        if (old) await revoke(sql, tenant, old)
        const { seq, newest } = await next(sql, tenant)
        const row: Row = {
          id: sortableId('cor', new Date(at()), newest),
          touch_source: touch.source,
          touch: touch.id,
          action,
          channel,
          campaign_source: campaign?.source ?? null,
          campaign: campaign?.id ?? null,
          reason,
          author: currentActor(),
          at: at(),
          was_channel: was.channel,
          was_campaign: was.campaign,
          revoked_at: null,
          revoked_by: null,
        }
        const columns = { tenant_id: tenant, seq, ...row }
        const names = Object.keys(columns)
        await sql.run(
          `INSERT INTO correction (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
          ...Object.values(columns),
        )
        const after = JSON.stringify(said(row))
        await note(sql, at(), { tenant, action: 'correction', subject: row.id, before: null, after })
        return toCorrection(row)
      })
    },

    revokeCorrection(tenant, id) {
      return engine.transaction(async (sql) => {
        const find = () => sql.all<Row>(`${CORRECTION} WHERE tenant_id = $1 AND id = $2`, tenant, id)
        const [row] = await find()
        if (!row) throw unknownCorrection(id)
        if (row.revoked_at !== null) throw alreadyRevoked(id)
        await revoke(sql, tenant, row)
        const [revoked] = await find()
        return toCorrection(revoked!)
      })
    },

    async lastCorrection(tenant) {
      const [row] = await engine.all<{ seq: number | null }>(
        'SELECT max(seq) AS seq FROM correction WHERE tenant_id = $1',
        tenant,
      )
      return Number(row?.seq ?? 0)
    },
  }
}

/** What a correction says, for the audit. */
function said({ touch_source, touch, action, channel, campaign_source, campaign, reason }: Row) {
  return { touch: `${touch_source}:${touch}`, action, channel, campaign_source, campaign, reason }
}

function toCorrection(row: Row): Correction {
  return {
    id: row.id,
    touch: { source: row.touch_source, id: row.touch },
    action: row.action,
    channel: row.channel,
    campaign: row.campaign === null ? null : { source: row.campaign_source ?? '', id: row.campaign },
    reason: row.reason,
    was: { channel: row.was_channel, campaign: row.was_campaign },
    author: row.author,
    at: new Date(row.at),
    revokedAt: toDate(row.revoked_at),
    revokedBy: row.revoked_by,
  }
}

function unknownCorrection(id: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_correction',
    { en: `There is no correction "${id.slice(0, 80)}".`, 'zh-CN': `没有编号为“${id.slice(0, 80)}”的修正。` },
    { en: 'See "correct --list".', 'zh-CN': '请查看 “correct --list”。' },
  )
}

function alreadyRevoked(id: string): RoiError {
  return new RoiError('usage', 'correction_revoked', {
    en: `The correction ${id} is revoked already.`,
    'zh-CN': `修正 ${id} 已撤销。`,
  })
}
