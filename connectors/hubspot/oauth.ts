import { z } from 'zod'
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
  },
  pkce: true,
  also: { type: 'api_key', setting: 'token' },
}

/** Uninstalls the app from the account: the button "Disconnect" must (certification rule of May 2026). Answers 204. */
export async function uninstall({ http }: HubspotContext): Promise<void> {
  await http.get({ method: 'DELETE', path: `/appinstalls/${RELEASE}/external-install` }, z.unknown())
}
