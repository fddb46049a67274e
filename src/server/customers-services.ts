import type { Database } from '../db/database.ts'
import type { Locale } from '../errors.ts'
import { cohorts } from '../metrics/customers/cohorts.ts'
import { customers } from '../metrics/customers/customers.ts'
import { delivery } from '../metrics/delivery.ts'
import { funnel } from '../metrics/funnel/funnel.ts'
import { lostLeads } from '../metrics/funnel/lost.ts'
import { influence } from '../metrics/influence.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { RevenueBasis } from '../model/rules.ts'
import type { Workspace } from '../model/settings.ts'
import type { State } from '../state/state.ts'
import type { CustomerAnswers } from './customers-answers.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

interface Asked {
  readonly workspace?: string
  readonly locale?: Locale
  readonly model?: RuleModel
  readonly revenue_basis?: RevenueBasis
}

/** Funnels, customers, influence and delivery (F53, F65-F68, F70, F75, F78, F90, F124, F133). */
export function customerServices({
  database,
  state,
}: {
  readonly database: Database
  readonly state: State
}): Pick<Services, keyof CustomerAnswers> {
  /** The workspace, and what it decides where the request is silent. */
  const asked = async (request: Asked) => {
    const workspace: Workspace = await findWorkspace(state, request.workspace)
    const { settings } = workspace
    return {
      workspace,
      locale: request.locale ?? settings.locale,
      model: request.model ?? settings.model,
      revenueBasis: request.revenue_basis ?? settings.revenue_basis,
      now: new Date(),
    }
  }
  return {
    async funnel(request) {
      const { workspace, locale, model, now } = await asked(request)
      const { by, reading, from, to } = request
      return funnel(database, workspace, { by, reading, from, to, model, locale, now })
    },
    async lost_leads(request) {
      const { workspace, model, now } = await asked(request)
      const { by, key, from, to, offset, limit } = request
      return lostLeads(database, workspace, { by, key, from, to, offset, limit, model, now })
    },
    async customers(request) {
      const { workspace, locale, model, revenueBasis, now } = await asked(request)
      const { by, from, to, compare } = request
      return customers(database, workspace, { by, from, to, compare, model, revenueBasis, now }, locale)
    },
    async cohorts(request) {
      const { workspace, model, revenueBasis, now } = await asked(request)
      const { by, key, from, to, months = workspace.settings.ltv_months } = request
      const group = key === null ? null : { by, key }
      return cohorts(database, workspace, { group, from, to, months, model, revenueBasis, now })
    },
    async influence(request) {
      const { workspace, locale, revenueBasis } = await asked(request)
      const { by, from, to } = request
      return influence(database, workspace, { by, from, to, revenueBasis, locale })
    },
    async delivery(request) {
      const { workspace, locale, model } = await asked(request)
      const { by, from, to } = request
      return delivery(database, workspace, { by, from, to, model, locale })
    },
  }
}
