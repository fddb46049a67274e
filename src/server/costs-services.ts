import { closest } from '../closest.ts'
import { readCampaigns } from '../metrics/budget/campaigns.ts'
import { costChecklist, HIDDEN_CATEGORIES } from '../metrics/budget/checklist.ts'
import { ALL_COSTS, costs } from '../metrics/budget/ledger.ts'
import { cutOf } from '../metrics/budget/period.ts'
import { previewSharedCosts, sharedCosts } from '../metrics/budget/shared.ts'
import { readFigures } from '../metrics/snapshot.ts'
import { addDays, localDay } from '../model/period.ts'
import { COST_CATEGORIES, COST_STATES } from '../model/records.ts'
import type { Workspace } from '../model/settings.ts'
import { badEntry } from '../state/manual-check.ts'
import type { CampaignRef, ManualCost } from '../state/manual-values.ts'
import { checkSetting } from '../state/settings.ts'
import type { FileConnector } from '../sync/file-connector.ts'
import { campaignId } from '../sync/manual-records.ts'
import { MANUAL } from '../sync/manual-source.ts'
import { keptCosts } from '../sync/manual-versions.ts'
import { notByHand, placeNeeded, unknownCost } from './costs-problems.ts'
import {
  apply,
  changedFields,
  findCampaign,
  type ManualServicesEnv,
  nothingChanged,
  patched,
  reasonNeeded,
  trailOf,
} from './manual-entries.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands =
  | 'costs'
  | 'cost_history'
  | 'add_cost'
  | 'edit_cost'
  | 'remove_cost'
  | 'cost_checklist'
  | 'dismiss_cost'
  | 'recall_cost'
  | 'shared_costs'
  | 'preview_shared_costs'

export interface CostServicesEnv extends ManualServicesEnv {
  /** The files connector, and where the files it read are kept. */
  readonly connector: FileConnector
  readonly dataDir: string
}

/** What a cost of no campaign and no channel is called where a campaign is asked for. */
const SHARED = 'shared'

/** The cost ledger (F23-F25). */
export function costServices(env: CostServicesEnv): Pick<Services, Commands> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const row = async (workspace: Workspace, source: string, id: string) => {
    const filter = { ...ALL_COSTS, source, id }
    const found = await readFigures(database, workspace, (reader) =>
      costs(reader, workspace, filter, { offset: 0, limit: 1 }),
    )
    return found.rows[0]
  }
  /** Sources besides people that have a cost of an id. */
  const sourcesOf = async ({ tenant }: Workspace, id: string) => {
    const rows = await database.query<{ source: string }>(
      'SELECT source FROM cost WHERE tenant_id = $1 AND source_id = $2 AND source <> $3 ORDER BY source',
      [tenant, id, MANUAL],
    )
    return rows.map(({ source }) => source)
  }
  /** A cost that people entered. @throws RoiError `not_by_hand`, `unknown_cost` */
  const entered = async (workspace: Workspace, id: string): Promise<ManualCost> => {
    const entry = await state.findManual(workspace.tenant, 'cost', id)
    if (entry?.value) return entry.value
    const [source] = await sourcesOf(workspace, id)
    throw source === undefined ? unknownCost(id) : notByHand(id, source)
  }
  const placed = async (
    workspace: Workspace,
    { campaign, campaign_source }: { readonly campaign?: string | null; readonly campaign_source?: string },
  ): Promise<CampaignRef | null | undefined> => {
    if (campaign === undefined || campaign === null) return campaign
    return campaign === SHARED ? null : findCampaign(env, workspace, campaign, campaign_source)
  }

  return {
    async costs(request) {
      const workspace = await find(request)
      const {
        campaign,
        campaign_source,
        below,
        channel = null,
        category = null,
        state: of = null,
        source = null,
      } = request
      const ref = campaign === undefined ? null : await findCampaign(env, workspace, campaign, campaign_source)
      return readFigures(database, workspace, async (reader) => {
        const tree = ref && below ? await readCampaigns(reader, workspace.tenant) : null
        const top = ref && tree?.find(campaignId(ref))
        const campaigns = ref && (top ? tree!.withBelow(top).map(({ id }) => id) : [campaignId(ref)])
        const { from, to } = request
        const filter = { ...ALL_COSTS, from, to, campaigns, channel, category, state: of, source }
        return costs(reader, workspace, filter, request)
      })
    },

    async cost_history(request, { signal }) {
      const workspace = await find(request)
      const { id } = request
      const trail = trailOf(await state.manualTrail(workspace.tenant, id))
      if (trail.length > 0 && (request.source ?? MANUAL) === MANUAL) {
        return { id, source: MANUAL, row: (await row(workspace, MANUAL, id)) ?? null, trail, known: 'all' }
      }
      const sources = await sourcesOf(workspace, id)
      const source = request.source ?? sources[0]
      const now = source === undefined ? undefined : await row(workspace, source, id)
      if (source === undefined || !now) throw unknownCost(id)
      if (source !== env.connector.id) return { id, source, row: now, trail: [], known: 'present' }
      return { id, source, row: now, trail: await keptTrail(workspace, id, signal), known: 'imports' }
    },

    async add_cost(request) {
      const workspace = await find(request)
      const { tenant, settings } = workspace
      const {
        date,
        amount,
        currency = settings.currency,
        category,
        state: of = 'actual',
        channel,
        vendor,
        note,
      } = request
      const campaign = await placed(workspace, request)
      if (campaign === undefined && channel === undefined) throw placeNeeded()
      await checkCategory(workspace, category)
      const value = {
        date,
        amount,
        currency: currency.toUpperCase(),
        category,
        state: of,
        campaign,
        channel,
        vendor,
        note,
      }
      const { id } = await state.addManual(tenant, 'cost', patched({}, value))
      await apply(env, workspace)
      return (await row(workspace, MANUAL, id))!
    },

    async edit_cost(request) {
      const workspace = await find(request)
      const {
        id,
        reason,
        workspace: _,
        locale: _locale,
        campaign_source: _source,
        campaign: _campaign,
        ...fields
      } = request
      await entered(workspace, id)
      const campaign = await placed(workspace, request)
      if (fields.category) await checkCategory(workspace, fields.category)
      const patch = { ...fields, ...(fields.currency && { currency: fields.currency.toUpperCase() }), campaign }
      const edited = await state.editManual(
        workspace.tenant,
        'cost',
        id,
        (before) => {
          if (before === null) throw unknownCost(id)
          if (fields.state && isBack(before.state, fields.state) && reason === undefined) throw reasonNeeded()
          return patched(before, patch)
        },
        reason,
      )
      if (!edited) throw nothingChanged()
      await apply(env, workspace)
      return (await row(workspace, MANUAL, id))!
    },

    async remove_cost(request) {
      const workspace = await find(request)
      const { id, reason } = request
      await entered(workspace, id)
      if (reason === undefined) throw reasonNeeded()
      const gone = (await row(workspace, MANUAL, id))!
      await state.editManual(workspace.tenant, 'cost', id, () => null, reason)
      await apply(env, workspace)
      return gone
    },

    async cost_checklist(request) {
      return checklist(await find(request), request)
    },

    async dismiss_cost(request) {
      const workspace = await find(request)
      const { from, to } = daysOf(workspace, request)
      const category = hidden(request.category)
      if (request.reason === undefined) throw reasonNeeded()
      await state.editManual(
        workspace.tenant,
        'dismissal',
        dismissalId(category, from, to),
        () => ({ category, from, to }),
        request.reason,
      )
      return checklist(workspace, request)
    },

    async recall_cost(request) {
      const workspace = await find(request)
      const { from, to } = daysOf(workspace, request)
      await state.editManual(workspace.tenant, 'dismissal', dismissalId(hidden(request.category), from, to), () => null)
      return checklist(workspace, request)
    },

    async shared_costs(request) {
      const workspace = await find(request)
      return readFigures(database, workspace, (reader) => sharedCosts(reader, workspace, request, request))
    },

    async preview_shared_costs(request) {
      const workspace = await find(request)
      const rules = checkSetting('shared_cost_rules', request.rules)
      return previewSharedCosts(database, workspace, rules, request, request)
    },
  }

  /** Versions of an imported row, as the kept files have them. */
  async function keptTrail(workspace: Workspace, id: string, signal: AbortSignal) {
    const versions = await keptCosts(env, workspace.tenant, id, signal)
    let before: Readonly<Record<string, unknown>> = {}
    return versions.flatMap((version) => {
      const changes = changedFields(before, version.value)
      const first = Object.keys(before).length === 0
      before = version.value
      if (changes.length === 0) return []
      const action = first ? ('imported' as const) : ('changed' as const)
      return [{ at: version.at.toISOString(), by: null, changes, action, reason: null, import: version.importId }]
    })
  }

  /** @throws RoiError `bad_entry` for a category that is neither known nor in the ledger already */
  async function checkCategory({ tenant }: Workspace, category: string): Promise<void> {
    const known: readonly string[] = COST_CATEGORIES
    if (known.includes(category)) return
    const rows = await database.query<{ category: string }>(
      'SELECT DISTINCT category FROM cost WHERE tenant_id = $1 ORDER BY category',
      [tenant],
    )
    const all = [...new Set([...known, ...rows.map((one) => one.category)])]
    if (all.includes(category)) return
    const near = closest(category, all)
    const list = all.slice(0, 40)
    throw badEntry('category', {
      en: `${near ? `${near}? ` : ''}one of ${list.join(', ')}`,
      'zh-CN': `${near ? `${near}？` : ''}可选 ${list.join('、')}`,
    })
  }

  async function checklist(
    workspace: Workspace,
    request: { readonly from: string | null; readonly to: string | null; readonly locale?: 'en' | 'zh-CN' },
  ) {
    const { tenant, settings } = workspace
    const days = daysOf(workspace, request)
    const words = []
    for (const { id, value } of await state.manualEntries(tenant, 'dismissal')) {
      if (value.from !== days.from || value.to !== days.to) continue
      const last = (await state.manualTrail(tenant, id)).at(-1)!
      words.push({ category: value.category, at: last.at, by: last.actor, reason: last.reason })
    }
    return costChecklist(database, tenant, days, words, request.locale ?? settings.locale)
  }
}

const dismissalId = (category: string, from: string, to: string) => `dismissal/${category}/${from}/${to}`

/** The days asked for, else the last whole month. */
function daysOf({ settings }: Workspace, { from, to }: { readonly from: string | null; readonly to: string | null }) {
  if (from !== null && to !== null) return { from, to }
  const today = localDay(settings.zone, Date.now())
  const month = cutOf(today, 'month', 1)
  if (from !== null) return { from, to: addDays(today, 1) > from ? addDays(today, 1) : addDays(from, 1) }
  const last = cutOf(addDays(to ?? month.from, -1), 'month', 1)
  return { from: last.from, to: to ?? last.to }
}

/** States a cost goes through, forward freely. */
function isBack(from: string, to: string): boolean {
  const order: readonly string[] = COST_STATES
  return order.indexOf(to) >= 0 && order.indexOf(to) < order.indexOf(from)
}

/** @throws RoiError `bad_entry` for what is not on the list */
function hidden(category: string): string {
  if (HIDDEN_CATEGORIES.includes(category)) return category
  throw badEntry('category', { en: HIDDEN_CATEGORIES.join(', '), 'zh-CN': HIDDEN_CATEGORIES.join('、') })
}
