import { z } from 'zod'
import { ConnectorError } from '../../src/errors.ts'
import type { OAuth2 } from '../../src/sync/contract.ts'
import { RELEASE } from './api.ts'
import type { HubspotContext } from './env.ts'

/** Scopes by what is read with them; the same as those of the app's manifest, nothing more. */
export const SCOPES = {
  leads: 'crm.objects.leads.read',
  events: 'crm.objects.marketing_events.read',
  rates: 'settings.currencies.read',
  campaigns: 'marketing.campaigns.read',
  forms: 'forms',
  revenue: 'marketing.campaigns.revenue.read',
} as const

/** Scopes that our own properties need, by kind of record: to fill them, and once to make them. */
export const WRITE_SCOPES = {
  deal: { records: 'crm.objects.deals.write', properties: 'crm.schemas.deals.write' },
  contact: { records: 'crm.objects.contacts.write', properties: 'crm.schemas.contacts.write' },
} as const

/** Access that an administrator of the account grants on HubSpot's page, or a token he pasted. */
export const AUTH: OAuth2 = {
  type: 'oauth2',
  authorizeUrl: 'https://app.hubspot.com/oauth/authorize',
  tokenPath: `/oauth/${RELEASE}/token`,
  introspectPath: `/oauth/${RELEASE}/token/introspect`,
  revokePath: `/oauth/${RELEASE}/token/revoke`,
  scopes: {
    required: [
      'oauth',
      'crm.objects.contacts.read',
      'crm.objects.companies.read',
      'crm.objects.deals.read',
      'crm.objects.owners.read',
    ],
    optional: [SCOPES.leads, SCOPES.events, SCOPES.rates],
    optionalParameter: 'optional_scope',
    conditional: [SCOPES.campaigns, SCOPES.forms],
    onDemand: {
      write_back: { optional: Object.values(WRITE_SCOPES).flatMap((of) => Object.values(of)), conditional: [] },
      // Its report is one of campaigns: who may not see these has none.
      compare: { optional: [], conditional: [SCOPES.campaigns, SCOPES.revenue] },
    },
  },
  pkce: true,
  also: { type: 'api_key', setting: 'token' },
}

/**
 * Refuses what was not granted, without asking HubSpot for it. A pasted token does not tell its scopes: there HubSpot says
 * which one it lacks.
 * @throws ConnectorError `missing_scope` naming them
 */
export function checkScopes({ identity }: Pick<HubspotContext, 'identity'>, needed: readonly string[]): void {
  const missing = identity.scopes ? needed.filter((scope) => !identity.scopes!.includes(scope)) : []
  if (missing.length === 0) return
  throw new ConnectorError('fix-settings', 'missing_scope', `HubSpot did not grant ${missing.join(', ')}.`)
}

/** Uninstalls the app from the account: the button "Disconnect" must (certification rule of May 2026). Answers 204. */
export async function uninstall({ http }: HubspotContext): Promise<void> {
  await http.get({ method: 'DELETE', path: `/appinstalls/${RELEASE}/external-install` }, z.unknown())
}
