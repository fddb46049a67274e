import type { QualityRow } from '../api/quality.ts'
import type { Finding } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { type Locale, RoiError } from '../errors.ts'
import { MAX_SHARED } from '../journey/stitch.ts'
import { formatMinor } from '../model/money.ts'
import type { Workspace } from '../model/settings.ts'
import { CHECK_CODES, CHECKS, type CheckCode, STALE_DEAL_DAYS } from './quality-checks.ts'
import { readFigures } from './snapshot.ts'

const QUALITY = sql('metrics/sql/quality.sql')
/** More rules than there are. */
const ALL = 1000

/** What failed a check. Money is minor units of the workspace's currency; null where none is involved. */
export interface Failed {
  readonly code: CheckCode
  readonly count: number
  readonly money: bigint | null
  readonly example: string | null
}

interface Row {
  readonly code: CheckCode
  readonly type: string | null
  readonly source: string | null
  readonly id: string | null
  readonly name: string | null
  readonly n: bigint
  readonly money: bigint | null
  readonly example: string | null
}

/** Findings about a workspace's data, by money touched. */
export function quality(database: Database, workspace: Workspace, locale: Locale): Promise<Finding[]> {
  return readFigures(database, workspace, (reader) => findings(reader, workspace, locale))
}

/** The same on a reader of the caller's. */
export async function findings(reader: Reader, workspace: Workspace, locale: Locale): Promise<Finding[]> {
  const failed = await failures(reader, workspace)
  return failed.map((one) => toFinding(one, workspace.settings.currency, locale))
}

/** What failed, most money first. */
export async function failures(reader: Reader, { tenant }: Workspace, now = new Date()): Promise<Failed[]> {
  const rows = await reader.query<Row>(QUALITY, [tenant, now.toISOString(), MAX_SHARED, '', STALE_DEAL_DAYS, ALL, 0])
  return byMoney(rows.map(({ code, n, money, example }) => ({ code, count: Number(n), money, example })))
}

/** Most money first, then most records; then by name, so that the order never depends on the store. */
export function byMoney(failed: readonly Failed[]): Failed[] {
  return failed.toSorted((a, b) => {
    const [x, y] = [a.money ?? 0n, b.money ?? 0n]
    if (x !== y) return x > y ? -1 : 1
    return b.count - a.count || (a.code < b.code ? -1 : 1)
  })
}

export function toFinding({ code, count, money, example }: Failed, currency: string, locale: Locale): Finding {
  return {
    code,
    message: CHECKS[code].message[locale],
    count,
    money: money === null ? null : formatMinor(money, currency),
    examples: example === null ? [] : [example],
  }
}

/** The records behind a check, most money first. */
export async function failedRows(
  reader: Reader,
  { tenant, settings }: Workspace,
  { code, limit, offset }: { readonly code: CheckCode; readonly limit: number; readonly offset: number },
  now = new Date(),
): Promise<QualityRow[]> {
  const rows = await reader.query<Row>(QUALITY, [
    tenant,
    now.toISOString(),
    MAX_SHARED,
    code,
    STALE_DEAL_DAYS,
    limit,
    offset,
  ])
  return rows.map(({ type, source, id, name, money }) => ({
    type: type!,
    source: source!,
    id: id!,
    name,
    money: money === null ? null : formatMinor(money, settings.currency),
  }))
}

/** @throws RoiError `unknown_check` naming those there are */
export function checkCode(name: string): CheckCode {
  const code = CHECK_CODES.find((known) => known === name)
  if (code) return code
  const list = CHECK_CODES.join(', ')
  throw new RoiError(
    'not_found',
    'unknown_check',
    { en: `There is no check "${name.slice(0, 60)}".`, 'zh-CN': `没有名为“${name.slice(0, 60)}”的检查。` },
    { en: `Checks: ${list}.`, 'zh-CN': `可用的检查：${list}。` },
  )
}
