import { z } from 'zod'
import type { RuleModel } from '../../src/model/rule-models.ts'
import type { OwnRevenue } from '../../src/sync/contract.ts'
import { RELEASE } from './api.ts'
import type { HubspotContext } from './env.ts'
import { checkScopes, SCOPES } from './oauth.ts'

/**
 * HubSpot's models of its revenue report by ours. Its U, W and full path go by milestones of the lifecycle, as
 * attribution.md §1 has them; its J and inverse J by position.
 */
export const MODELS = {
  first: 'FIRST_INTERACTION',
  last: 'LAST_INTERACTION',
  linear: 'LINEAR',
  u_milestone: 'U_SHAPED',
  w_milestone: 'W_SHAPED',
  full_path: 'FULL_PATH',
  time_decay: 'TIME_DECAY',
  j_position: 'J_SHAPED',
  inverse_j_position: 'INVERSE_J_SHAPED',
} as const satisfies Partial<Record<RuleModel, string>>

const amount = z.union([z.number(), z.string()]).transform(String)
const Revenue = z.object({
  revenueAmount: amount,
  dealsNumber: z.number().nullish(),
  currencyCode: z.string().nullish(),
})

/** What HubSpot attributes to campaigns: one request for each campaign and model. */
export async function* ownRevenue(context: HubspotContext, campaigns: readonly string[]): AsyncGenerator<OwnRevenue> {
  checkScopes(context, [SCOPES.campaigns, SCOPES.revenue])
  const { http } = context
  for (const campaign of campaigns) {
    for (const [model, attributionModel] of Object.entries(MODELS)) {
      const path = `/marketing/campaigns/${RELEASE}/${encodeURIComponent(campaign)}/reports/revenue`
      const found = await http.get({ path, query: { attributionModel } }, Revenue)
      yield {
        campaign,
        model: model as keyof typeof MODELS,
        revenue: found.revenueAmount,
        currency: found.currencyCode ?? undefined,
        deals: found.dealsNumber ?? undefined,
      }
    }
  }
}
