import type { TrailEntry } from '../api/costs.ts'
import { recompute } from '../attribution/recompute.ts'
import { closest } from '../closest.ts'
import type { Database } from '../db/database.ts'
import { RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { ManualChange } from '../state/manual.ts'
import type { CampaignRef } from '../state/manual-values.ts'
import type { State } from '../state/state.ts'
import { pullManual } from '../sync/manual.ts'
import { campaignText } from '../sync/manual-records.ts'
import { attributionSettings } from '../sync/workspace.ts'

/** What commands about things entered by hand work with. */
export interface ManualServicesEnv {
  readonly database: Database
  readonly state: State
}

/** Brings what was just entered into the facts and the figures up to date. */
export async function apply({ database, state }: ManualServicesEnv, workspace: Workspace): Promise<void> {
  await pullManual({ database, state }, workspace)
  await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
}

/**
 * The campaign that a person means by its id.
 * @throws RoiError `unknown_campaign`, `ambiguous_campaign` where several sources have it
 */
export async function findCampaign(
  { database }: ManualServicesEnv,
  { tenant }: Workspace,
  id: string,
  source: string | undefined,
): Promise<CampaignRef> {
  const found = await database.query<{ source: string; source_id: string }>(
    `SELECT source, source_id FROM campaign
     WHERE tenant_id = $1 AND source_id = $2 AND (CAST($3 AS TEXT) IS NULL OR source = CAST($3 AS TEXT)) ORDER BY source`,
    [tenant, id, source ?? null],
  )
  const [first, ...others] = found
  if (first && others.length === 0) return { source: first.source, id: first.source_id }
  if (first)
    throw ambiguous(
      id,
      found.map((one) => one.source),
    )
  const known = await database.query<{ source_id: string; name: string }>(
    'SELECT source_id, name FROM campaign WHERE tenant_id = $1 ORDER BY source_id LIMIT 10000',
    [tenant],
  )
  const named = known.find(({ name }) => name.toLowerCase() === id.toLowerCase())?.source_id
  throw unknownCampaign(
    id,
    named ??
      closest(
        id,
        known.map((one) => one.source_id),
      ),
  )
}

function unknownCampaign(id: string, near: string | undefined): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'not_found',
    'unknown_campaign',
    { en: `There is no campaign with the id "${shown}".`, 'zh-CN': `没有编号为“${shown}”的营销活动。` },
    near === undefined
      ? {
          en: '"roi-panel campaigns" lists them; "campaigns add" makes one; a cost of none is "shared".',
          'zh-CN': '用 “roi-panel campaigns” 查看全部；用 “campaigns add” 新建；不属于任何活动的费用写 “shared”。',
        }
      : { en: `Did you mean ${near}?`, 'zh-CN': `是否指 ${near}？` },
  )
}

function ambiguous(id: string, sources: readonly string[]): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'usage',
    'ambiguous_campaign',
    { en: `Several sources have a campaign "${shown}".`, 'zh-CN': `多个来源都有营销活动“${shown}”。` },
    {
      en: `Name its source as well: ${sources.join(', ')}.`,
      'zh-CN': `请同时指定来源：${sources.join('、')}。`,
    },
  )
}

/** What people see of a trail: the fields that changed, from what to what. */
export function trailOf(changes: readonly ManualChange[]): TrailEntry[] {
  return changes.map(({ at, actor, before, after, reason }) => ({
    at: at.toISOString(),
    by: actor,
    changes: changedFields(before ?? {}, after ?? {}),
    action: before === null ? 'added' : after === null ? 'removed' : 'changed',
    reason,
    import: null,
  }))
}

/** Fields of two versions that differ, as text. */
export function changedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): TrailEntry['changes'] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((field) => {
    const [old, now] = [shown(before[field]), shown(after[field])]
    return old === now ? [] : [{ field, before: old, after: now }]
  })
}

/** A value of an entry as text; campaigns as `SOURCE/ID`. */
export function shown(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'object') return campaignText(value as CampaignRef)
  return String(value)
}

/** An entry with a patch laid over it: null takes a field away, undefined leaves it. */
export function patched(
  value: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const all = { ...value, ...Object.fromEntries(Object.entries(patch).filter(([, wanted]) => wanted !== undefined)) }
  return Object.fromEntries(Object.entries(all).filter(([, wanted]) => wanted !== null))
}

/** Something that needs a reason was done without. */
export function reasonNeeded(): RoiError {
  return new RoiError(
    'usage',
    'reason_needed',
    {
      en: 'This needs a reason, which is kept in the trail. Nothing was changed.',
      'zh-CN': '此操作需要说明原因，原因会记入变更记录。未作任何更改。',
    },
    { en: 'Add --reason "…", in the API "reason".', 'zh-CN': '请加上 --reason "…"，API 中为 reason。' },
  )
}

/** An edit that changes nothing. */
export function nothingChanged(): RoiError {
  return new RoiError(
    'usage',
    'nothing_to_change',
    { en: 'Nothing was changed: it is like that already.', 'zh-CN': '没有变化：现有内容即如此。' },
    { en: 'Name a field and its new value.', 'zh-CN': '请指定字段及其新值。' },
  )
}
