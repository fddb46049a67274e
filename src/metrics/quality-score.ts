import {
  DIMENSIONS_OF_QUALITY,
  type QualityCheck,
  type QualityDimension,
  type QualityPoint,
  type QualityScore,
} from '../api/quality.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { Locale } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import { localDay } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import { byMoney, type Failed, failures, toFinding } from './quality.ts'
import { CHECK_CODES, CHECKS, type CheckCode, DIMENSION_LABELS } from './quality-checks.ts'
import { readFigures } from './snapshot.ts'

const CHECKED = sql('metrics/sql/quality-checked.sql')

/** What the state store knows of the freshness of data. */
export interface Freshness {
  /** Connections with a schedule. */
  readonly scheduled: number
  /** Titles of those that are late. */
  readonly late: readonly string[]
  /** There is data, and nothing was brought in for long. */
  readonly stale: boolean
  /** There is data. */
  readonly any: boolean
}

/** How a check came out. */
interface Outcome extends Failed {
  readonly checked: number
}

/** What a check of quality found; kept in this shape. */
export interface Quality {
  readonly at: string
  readonly day: string
  readonly outcomes: readonly Outcome[]
}

/** Runs every check over one state of the store. */
export async function checkQuality(
  database: Database,
  workspace: Workspace,
  freshness: Freshness,
  now = new Date(),
): Promise<Quality> {
  const outcomes = await readFigures(database, workspace, (reader) => outcomesOf(reader, workspace, freshness, now))
  return { at: now.toISOString(), day: localDay(workspace.settings.zone, now.getTime()), outcomes }
}

async function outcomesOf(
  reader: Reader,
  workspace: Workspace,
  { scheduled, late, stale, any }: Freshness,
  now: Date,
): Promise<Outcome[]> {
  const rows = await reader.query<{ code: CheckCode; n: bigint }>(CHECKED, [workspace.tenant])
  const checked = new Map(rows.map(({ code, n }) => [code, Number(n)]))
  checked.set('stale_source', scheduled).set('stale_data', any ? 1 : 0)
  const failed = new Map((await failures(reader, workspace, now)).map((one) => [one.code, one]))
  const note = (code: CheckCode, count: number, example: string | null) => {
    if (count > 0) failed.set(code, { code, count, money: null, example })
  }
  note('stale_source', late.length, late[0] ?? null)
  note('stale_data', stale ? 1 : 0, null)
  return CHECK_CODES.map((code) => ({
    ...(failed.get(code) ?? { code, count: 0, money: null, example: null }),
    checked: checked.get(code) ?? 0,
  }))
}

/**
 * M38: 0 to 100. A check scores the percent of its records that passed; a side of quality the mean of its checks that looked at any
 * record, each counting the same however many records there are; the whole the mean of the sides that have a score.
 */
export function scoreOf(outcomes: readonly Pick<Outcome, 'code' | 'count' | 'checked'>[]): {
  readonly score: number | null
  readonly dimensions: Readonly<Record<QualityDimension, number | null>>
} {
  const dimensions = Object.fromEntries(
    DIMENSIONS_OF_QUALITY.map((dimension) => {
      const mine = outcomes.filter(({ code }) => CHECKS[code].dimension === dimension)
      return [dimension, mean(mine.map(passed))]
    }),
  ) as Record<QualityDimension, number | null>
  return { score: mean(Object.values(dimensions)), dimensions }
}

/** The answer people see. */
export function toScore(
  quality: Quality,
  { key, settings: { currency } }: Pick<Workspace, 'key' | 'settings'>,
  history: readonly QualityPoint[],
  locale: Locale,
): QualityScore {
  const { score, dimensions } = scoreOf(quality.outcomes)
  const checks: QualityCheck[] = DIMENSIONS_OF_QUALITY.flatMap((dimension) =>
    quality.outcomes
      .filter(({ code }) => CHECKS[code].dimension === dimension)
      .map((one) => ({
        code: one.code,
        dimension,
        message: CHECKS[one.code].message[locale],
        checked: one.checked,
        failed: one.count,
        score: passed(one),
        money: one.money === null ? null : formatMinor(one.money, currency),
      })),
  )
  return {
    workspace: key,
    currency,
    at: quality.at,
    score,
    dimensions: DIMENSIONS_OF_QUALITY.map((dimension) => ({
      dimension,
      label: DIMENSION_LABELS[dimension][locale],
      score: dimensions[dimension],
    })),
    checks,
    findings: byMoney(quality.outcomes.filter(({ count }) => count > 0)).map((one) => toFinding(one, currency, locale)),
    history: [...history],
  }
}

/** A check as the history keeps it. */
export function toPoint({ day, outcomes }: Quality): QualityPoint {
  const failed = outcomes.reduce((sum, { count }) => sum + count, 0)
  return { day, ...scoreOf(outcomes), failed }
}

function passed({ count, checked }: Pick<Outcome, 'count' | 'checked'>): number | null {
  return checked === 0 ? null : (1 - count / checked) * 100
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
