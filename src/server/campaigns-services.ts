import type { CampaignRecord } from '../api/campaigns.ts'
import type { Reader, RowOut } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { type CampaignQuery, campaigns, campaignView } from '../metrics/budget/campaign-view.ts'
import { readCampaigns } from '../metrics/budget/campaigns.ts'
import { readFigures } from '../metrics/snapshot.ts'
import { formatMinor } from '../model/money.ts'
import type { Workspace } from '../model/settings.ts'
import type { ManualChange } from '../state/manual.ts'
import { badEntry } from '../state/manual-check.ts'
import type { CampaignRef, ManualCampaign } from '../state/manual-values.ts'
import { campaignEntry, campaignId, campaignOfEntry, campaignText } from '../sync/manual-records.ts'
import { MANUAL } from '../sync/manual-source.ts'
import { cycle, nothingSaid, sourceNamesIt, taken, twoCurrencies } from './campaigns-problems.ts'
import {
  apply,
  findCampaign,
  type ManualServicesEnv,
  nothingChanged,
  patched,
  reasonNeeded,
  shown,
  trailOf,
} from './manual-entries.ts'
import type { RequestOf } from './requests.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'campaigns' | 'campaign' | 'add_campaign' | 'set_campaign' | 'remove_campaign'

const OWN = sql('metrics/budget/sql/campaign-own.sql')
/** Only of campaigns that people made: elsewhere the source names them, and credit goes by its channel. */
const MADE_ONLY = ['name', 'channel', 'utm_campaign'] as const

/** Campaign records (F22) with their hierarchy (F126) and targets (F100). */
export function campaignServices(env: ManualServicesEnv): Pick<Services, Commands> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const queryOf = async (
    { tenant }: Workspace,
    { from, to }: { readonly from: string | null; readonly to: string | null },
  ): Promise<CampaignQuery> => {
    const entries = await state.manualEntries(tenant, 'budget')
    const said = await state.manualEntries(tenant, 'campaign')
    const filled = new Map(said.map(({ id, value }) => [campaignId(campaignOfEntry(id)), Object.keys(value)]))
    return { from, to, entries, filled, now: Date.now() }
  }
  const show = async (
    workspace: Workspace,
    ref: CampaignRef,
    days: { readonly from: string | null; readonly to: string | null } = { from: null, to: null },
  ): Promise<CampaignRecord> => {
    const { tenant } = workspace
    const query = await queryOf(workspace, days)
    const trail = await state.manualTrail(tenant, campaignEntry(ref))
    const said = (await state.findManual(tenant, 'campaign', campaignEntry(ref)))?.value ?? {}
    return readFigures(database, workspace, async (reader) => {
      const view = await campaignView(reader, workspace, query, campaignId(ref))
      const made = ref.source === MANUAL
      const own = made ? {} : await ownOf(reader, tenant, ref)
      const shown = made ? said : without(said, MADE_ONLY)
      return { ...view!, fields: fieldsOf(shown, own, trail), trail: trailOf(trail) }
    })
  }
  const parentOf = async (
    workspace: Workspace,
    { parent, parent_source }: Fields,
  ): Promise<CampaignRef | null | undefined> =>
    parent === undefined || parent === null ? parent : findCampaign(env, workspace, parent, parent_source)

  return {
    async campaigns(request) {
      const workspace = await find(request)
      const { under, under_source, search = null, source = null, top } = request
      const ref = under === undefined ? null : await findCampaign(env, workspace, under, under_source)
      const query = await queryOf(workspace, request)
      const filter = { search, source, under: ref && campaignId(ref), top }
      return readFigures(database, workspace, (reader) => campaigns(reader, workspace, query, filter, request))
    },

    async campaign(request) {
      const workspace = await find(request)
      return show(workspace, await findCampaign(env, workspace, request.id, request.source), request)
    },

    async add_campaign(request) {
      const workspace = await find(request)
      const { tenant, settings } = workspace
      const ref = { source: MANUAL, id: request.id.trim() }
      const fields = fieldsIn(request)
      const parent = await parentOf(workspace, request)
      await checkParent(workspace, ref, parent)
      if (await isThere(workspace, ref)) throw taken(ref.id)
      const money = fields.budget || fields.target_revenue
      const value = patched({}, { ...(money && { currency: settings.currency }), ...fields, parent })
      await state.editManual(tenant, 'campaign', campaignEntry(ref), () => value)
      await apply(env, workspace)
      return show(workspace, ref)
    },

    async set_campaign(request) {
      const workspace = await find(request)
      const { tenant, settings } = workspace
      const ref = await findCampaign(env, workspace, request.id, request.source)
      const fields = fieldsIn(request)
      const made = MADE_ONLY.find((name) => fields[name] !== undefined)
      if (ref.source !== MANUAL && made) throw sourceNamesIt(made, ref)
      if (fields.name === null)
        throw badEntry('name', { en: 'a text; a campaign has a name', 'zh-CN': '文本；营销活动必须有名称' })
      const parent = await parentOf(workspace, request)
      await checkParent(workspace, ref, parent)
      const own = await ownMoney(workspace, ref)
      const edited = await state.editManual(
        tenant,
        'campaign',
        campaignEntry(ref),
        (before) => {
          const wanted = patched(before ?? {}, { ...fields, parent }) as ManualCampaign
          const value = withCurrency(wanted, before, own, fields.currency, settings.currency)
          return ref.source !== MANUAL && Object.keys(value).length === 0 ? null : value
        },
        request.reason,
      )
      if (!edited) throw nothingChanged()
      await apply(env, workspace)
      return show(workspace, ref)
    },

    async remove_campaign(request) {
      const workspace = await find(request)
      const ref = await findCampaign(env, workspace, request.id, request.source)
      const gone = await show(workspace, ref)
      if (gone.fields.length === 0) throw nothingSaid(ref)
      if (request.reason === undefined) throw reasonNeeded()
      await state.editManual(workspace.tenant, 'campaign', campaignEntry(ref), () => null, request.reason)
      await apply(env, workspace)
      return gone
    },
  }

  async function isThere({ tenant }: Workspace, ref: CampaignRef): Promise<boolean> {
    const rows = await database.query('SELECT id FROM campaign WHERE tenant_id = $1 AND id = $2', [
      tenant,
      campaignId(ref),
    ])
    return rows.length > 0
  }

  /** @throws RoiError `campaign_cycle` for a parent below which the campaign would be its own ancestor */
  async function checkParent(
    workspace: Workspace,
    ref: CampaignRef,
    parent: CampaignRef | null | undefined,
  ): Promise<void> {
    if (!parent) return
    const tree = await readCampaigns(database, workspace.tenant)
    if (tree.wouldBite({ id: campaignId(ref) }, campaignId(parent))) throw cycle(ref, parent)
  }

  /** Money that a source itself has of a campaign. */
  async function ownMoney({ tenant }: Workspace, ref: CampaignRef): Promise<OwnMoney> {
    if (ref.source === MANUAL) return { currency: null, budget: false, target_revenue: false }
    const rows = await database.query<{ currency: string | null; budget: boolean; target_revenue: boolean }>(
      `SELECT CASE WHEN f.campaign_id IS NULL THEN c.currency ELSE f.own_currency END AS currency,
              CASE WHEN f.campaign_id IS NULL THEN c.budget_minor ELSE f.own_budget_minor END IS NOT NULL AS budget,
              CASE WHEN f.campaign_id IS NULL THEN c.target_revenue_minor ELSE f.own_target_revenue_minor END IS NOT NULL
                AS target_revenue
       FROM campaign AS c
       LEFT JOIN campaign_fix AS f ON f.tenant_id = c.tenant_id AND f.campaign_id = c.id
       WHERE c.tenant_id = $1 AND c.id = $2`,
      [tenant, campaignId(ref)],
    )
    return rows[0] ?? { currency: null, budget: false, target_revenue: false }
  }
}

interface OwnMoney {
  readonly currency: string | null
  readonly budget: boolean
  readonly target_revenue: boolean
}

type Fields = Omit<RequestOf<'set_campaign'>, 'id' | 'workspace' | 'locale' | 'source' | 'reason'>

/** What is asked for, without what it is about. */
function fieldsIn(
  request: RequestOf<'set_campaign'> | RequestOf<'add_campaign'>,
): Omit<Fields, 'parent' | 'parent_source'> {
  const { id: _id, workspace: _, locale: _locale, parent: _parent, parent_source: _source, ...rest } = request
  const {
    source: _where,
    reason: _reason,
    ...fields
  } = rest as Omit<RequestOf<'set_campaign'>, 'parent' | 'parent_source'>
  return { ...fields, ...(fields.currency && { currency: fields.currency.toUpperCase() }) }
}

/**
 * The currency of a person's money: as asked, else the one before, else the source's, else the workspace's; none without
 * money. Budget and target are in one currency, so an amount of the source in another one must be said anew.
 * @throws RoiError `two_currencies`
 */
function withCurrency(
  { currency: _, ...wanted }: ManualCampaign,
  before: ManualCampaign | null,
  own: OwnMoney,
  asked: string | null | undefined,
  fallback: string,
): ManualCampaign {
  if (wanted.budget === undefined && wanted.target_revenue === undefined) return wanted
  const currency = asked ?? before?.currency ?? own.currency ?? fallback
  const other = own.currency !== null && own.currency !== currency
  if (other && own.budget && wanted.budget === undefined) throw twoCurrencies('budget', own.currency!)
  if (other && own.target_revenue && wanted.target_revenue === undefined) {
    throw twoCurrencies('target_revenue', own.currency!)
  }
  return { ...wanted, currency }
}

/** What a source itself says, as text, in the names of the fields. */
async function ownOf(reader: Reader, tenant: number, ref: CampaignRef): Promise<Record<string, string | null>> {
  const [row] = await reader.query<RowOut>(OWN, [tenant, campaignId(ref)])
  if (!row) return {}
  const { parent_source, parent_id, budget, target_revenue, ...rest } = row
  const currency = row.currency as string | null
  const money = (minor: unknown) => (typeof minor === 'bigint' && currency ? formatMinor(minor, currency) : null)
  const plain = Object.entries(rest).map(([name, value]) => [name, value === null ? null : String(value)])
  return {
    ...Object.fromEntries(plain),
    parent: parent_source && parent_id ? campaignText({ source: String(parent_source), id: String(parent_id) }) : null,
    budget: money(budget),
    target_revenue: money(target_revenue),
  }
}

/** Fields that a person filled, each with who did it and when last. */
function fieldsOf(
  said: ManualCampaign,
  own: Readonly<Record<string, string | null>>,
  trail: readonly ManualChange[],
): CampaignRecord['fields'] {
  return Object.entries(said).map(([field, value]) => {
    const last = trail.findLast(({ before, after }) => shown(before?.[field]) !== shown(after?.[field]))!
    return {
      field,
      value: shown(value)!,
      source_value: own[field] ?? null,
      at: last.at.toISOString(),
      by: last.actor,
    }
  })
}

function without<T extends object>(value: T, names: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) as Partial<T>
}
