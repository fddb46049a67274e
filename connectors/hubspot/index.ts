import { isCurrency } from '../../src/model/money.ts'
import { isZone } from '../../src/model/period.ts'
import { defineConnector, type Page, type Ref, type Stream } from '../../src/sync/contract.ts'
import { API, accountDetails } from './api.ts'
import { readCampaignContacts } from './campaign-contacts.ts'
import { campaignsById, changedCampaigns, readCampaignList } from './campaigns.ts'
import { readChanges } from './changes.ts'
import { MODELS, ownRevenue } from './compare.ts'
import { type Env, envOf, type HubspotContext } from './env.ts'
import { ERRORS } from './errors.ts'
import { readEvents } from './events.ts'
import { canReadForms, readSubmissions } from './forms.ts'
import { AUTH, SCOPES, uninstall } from './oauth.ts'
import { COMPANIES, CONTACTS, DEALS, LEADS, type ObjectSpec, pageOf } from './objects.ts'
import { type HubspotSettings, Settings } from './settings.ts'
import { leadStages, readOwners, readRates, readStages } from './setup.ts'
import { receive, verify } from './webhooks.ts'
import { archived, bounds, readAll, readRange, total } from './whole.ts'
import { say } from './words.ts'
import { write } from './write-back.ts'

type HubspotStream = Stream<HubspotSettings>

/** A kind of CRM object, read in every way the runner knows. */
function objects(spec: ObjectSpec, title: HubspotStream['title'], optionalScope?: string): HubspotStream {
  return {
    title,
    type: spec.type,
    ...(optionalScope === undefined ? {} : { optional: true, scope: optionalScope }),
    async *read(context, cursor) {
      yield* readAll(context, spec, await objectEnv(context, spec), cursor)
    },
    ranges: {
      bounds: (context, since) => bounds(context, spec, since),
      async *read(context, range) {
        yield* readRange(context, spec, await objectEnv(context, spec), range)
      },
    },
    async *changes(context, since, cursor) {
      yield* readChanges(context, spec, await objectEnv(context, spec), since, cursor)
    },
    gone: (context, since) => archived(context, spec, envOf(context), since),
    total: (context) => total(context, spec),
  }
}

/** Asked once per run, not once per range. */
const extras = new WeakMap<object, Map<ObjectSpec, Promise<Partial<Env>>>>()

/** What some kinds of object need to know before their first page. */
async function objectEnv(context: HubspotContext, spec: ObjectSpec): Promise<Env> {
  const known = extras.get(context.http) ?? new Map<ObjectSpec, Promise<Partial<Env>>>()
  extras.set(context.http, known)
  let extra = known.get(spec)
  if (!extra) {
    extra = extraOf(context, spec)
    known.set(spec, extra)
    // An answer that did not come is asked for again.
    extra.catch(() => known.delete(spec))
  }
  return envOf(context, await extra)
}

async function extraOf(context: HubspotContext, spec: ObjectSpec): Promise<Partial<Env>> {
  if (spec === CONTACTS) {
    const granted = context.identity.scopes?.includes(SCOPES.forms) ?? true
    return { conversions: !(granted && (await canReadForms(context))) }
  }
  if (spec === LEADS) return { leadStages: await leadStages(context) }
  return {}
}

const SPECS = [CONTACTS, COMPANIES, DEALS, LEADS]

/** HubSpot: contacts, companies, deals and leads of the CRM; campaigns, forms and events of its marketing tools. */
export default defineConnector({
  id: 'hubspot',
  title: say('HubSpot', 'HubSpot'),
  settings: Settings,
  auth: AUTH,
  api: API,
  errors: ERRORS,

  /** The account behind the token. Scopes are known where they were granted; no call tells those of a pasted token. */
  async check({ http }) {
    const { portalId, timeZone, companyCurrency } = await accountDetails(http)
    return {
      externalAccountId: portalId,
      name: `HubSpot ${portalId}`,
      ...(companyCurrency && isCurrency(companyCurrency) ? { currency: companyCurrency } : {}),
      ...(timeZone && isZone(timeZone) ? { zone: timeZone } : {}),
    }
  },

  pull: {
    owners: { title: say('Owners', '负责人'), type: 'owner', read: readOwners },
    pipelines: { title: say('Pipelines', '销售流程'), type: 'stage', read: (context) => readStages(context) },
    rates: {
      title: say('Exchange rates', '汇率'),
      type: 'rate',
      optional: true,
      scope: SCOPES.rates,
      read: (context) => readRates(context),
    },
    companies: objects(COMPANIES, say('Companies', '公司')),
    contacts: objects(CONTACTS, say('Contacts and their visits', '联系人及其访问')),
    deals: objects(DEALS, say('Deals', '商机')),
    leads: objects(LEADS, say('Leads', '线索'), SCOPES.leads),
    campaigns: {
      title: say('Campaigns, budgets and spend', '营销活动、预算与支出'),
      type: 'campaign',
      optional: true,
      scope: SCOPES.campaigns,
      read: (context, cursor) => readCampaignList(context, envOf(context), cursor),
      changes: (context, since, cursor) => changedCampaigns(context, envOf(context), since, cursor),
    },
    campaign_contacts: {
      title: say('Contacts of campaigns', '营销活动的联系人'),
      type: 'touch',
      shared: true,
      optional: true,
      scope: SCOPES.campaigns,
      read: (context, cursor) => readCampaignContacts(context, envOf(context), null, cursor),
      changes: (context, since, cursor) => readCampaignContacts(context, envOf(context), since, cursor),
    },
    form_submissions: {
      title: say('Form submissions', '表单提交'),
      type: 'touch',
      shared: true,
      optional: true,
      scope: SCOPES.forms,
      read: (context, cursor) => readSubmissions(context, envOf(context), null, cursor),
      changes: (context, since, cursor) => readSubmissions(context, envOf(context), since, cursor),
    },
    marketing_events: {
      title: say('Marketing events', '市场活动（会议）'),
      type: 'touch',
      shared: true,
      optional: true,
      scope: SCOPES.events,
      read: (context, cursor) => readEvents(context, envOf(context), null, cursor),
      changes: (context, since, cursor) => readEvents(context, envOf(context), since, cursor),
    },
  },

  read: (context, refs) => readRefs(context, refs),
  disconnect: uninstall,
  write,
  compare: { models: MODELS, read: ownRevenue },
  verify,
  receive,
})

/** Single records again, by kind; each page is a kind. */
async function* readRefs(context: HubspotContext, refs: readonly Ref[]): AsyncGenerator<Page> {
  for (const spec of SPECS) {
    const ids = refs.filter(({ type }) => type === spec.type).map(({ id }) => id)
    if (ids.length === 0) continue
    yield { ...(await pageOf(context, spec, await objectEnv(context, spec), ids)), cursor: spec.object }
  }
  const campaigns = refs.filter(({ type }) => type === 'campaign').map(({ id }) => id)
  for (let i = 0; i < campaigns.length; i += 50) {
    yield { ...(await campaignsById(context, envOf(context), campaigns.slice(i, i + 50))), cursor: 'campaigns' }
  }
}
