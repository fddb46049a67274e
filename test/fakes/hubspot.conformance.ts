import type { World } from '../conformance/world.ts'
import type { Clock } from './clock.ts'
import { seedPortal } from './hubspot/seed.ts'
import { startHubSpot } from './hubspot.ts'

const IDS = { companies: 'companies', contacts: 'contacts', deals: 'deals', leads: 'leads' } as const
const DAY = 86_400_000

/** A small portal with something in every stream. */
export async function openWorld(clock: Clock): Promise<World> {
  const fake = await startHubSpot({ clock, limits: false })
  const account = fake.addAccount()
  seedPortal(account, {
    contacts: 130,
    companies: 9,
    deals: 14,
    leads: 5,
    campaigns: 1,
    forms: 1,
    events: 1,
    days: 300,
    until: clock.now() - 30 * DAY,
  })
  const refusal = (status: number, body: object) => ({
    status,
    body: { status: 'error', message: 'refused', correlationId: '0', ...body },
  })
  return {
    fake,
    settings: { token: account.token },
    badSettings: { token: 'pat-na1-unknown' },
    ids(stream) {
      if (stream === 'owners') return account.owners.map(({ id }) => id)
      if (stream === 'campaigns') return [...account.marketing.campaigns.keys()]
      return Object.hasOwn(IDS, stream) ? account.ids(IDS[stream as keyof typeof IDS]) : undefined
    },
    refusals: {
      unauthorized: refusal(401, { category: 'INVALID_AUTHENTICATION' }),
      missing_scope: refusal(403, { category: 'MISSING_SCOPES' }),
      forbidden: refusal(403, {}),
      DAILY: refusal(429, { policyName: 'DAILY' }),
      TEN_SECONDLY_ROLLING: refusal(429, { policyName: 'TEN_SECONDLY_ROLLING' }),
      SECONDLY: refusal(429, { policyName: 'SECONDLY' }),
      RATE_LIMITS: refusal(429, { category: 'RATE_LIMITS' }),
      VALIDATION_ERROR: refusal(400, { category: 'VALIDATION_ERROR' }),
      OBJECT_NOT_FOUND: refusal(404, { category: 'OBJECT_NOT_FOUND' }),
    },
    change: {
      create() {
        account.createContact({ email: 'made@example.com' })
        return 'contacts'
      },
      update() {
        account.update('deals', account.ids('deals')[2]!, { dealname: 'Renamed' })
        return 'deals'
      },
      delete() {
        account.delete('companies', account.ids('companies')[1]!)
        return 'companies'
      },
      merge() {
        const [into, from] = account.ids('contacts')
        account.merge('contacts', into!, from!)
        return 'contacts'
      },
    },
  }
}
