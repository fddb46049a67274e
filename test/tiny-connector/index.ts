import { z } from 'zod'
import type { Account } from '../../src/model/records.ts'
import { type Context, defineConnector, FIELDS } from '../../src/sync/contract.ts'

const say = (en: string, zh: string) => ({ en, 'zh-CN': zh })
const Settings = z.object({
  token: z.string().register(FIELDS, { label: say('API token', 'API 令牌'), secret: true }),
})
const Me = z.object({ account: z.string(), name: z.string() })
const List = z.object({ companies: z.array(z.record(z.string(), z.unknown())), next: z.string().optional() })
const Failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Companies of an imaginary CRM that has one list of them. */
export default defineConnector({
  id: 'tiny-connector',
  title: say('Tiny CRM', '迷你 CRM'),
  settings: Settings,
  auth: { type: 'api_key', setting: 'token' },
  api: {
    origin: 'https://api.tiny-crm.example',
    limits: { core: { requests: 10, per: 1000, concurrent: 2 } },
    fault: ({ body }) => Failure.safeParse(body).data?.error,
  },
  errors: { bad_token: 'fix-settings', daily_limit: 'wait' },

  async check({ http }) {
    const { account, name } = await http.get({ path: '/me' }, Me)
    return { externalAccountId: account, name }
  },

  pull: {
    companies: {
      title: say('Companies', '公司'),
      type: 'account',
      async *read(context, cursor) {
        for (let after = cursor ?? ''; after !== 'end'; ) {
          const { companies, next = 'end' } = await context.http.get({ path: '/companies', query: { after } }, List)
          after = next
          yield { records: companies.map((row) => toAccount(row, context)), cursor: after }
        }
      },
    },
  },
})

/** What does not fit the model is refused by the runner, record by record; a field that need not be there is left out. */
function toAccount({ id, name, domain }: Record<string, unknown>, { drift }: Context<unknown>): Account {
  const known = typeof domain === 'string' && domain !== ''
  if (!known && domain !== null) drift('companies.domain', domain === undefined ? 'missing' : 'retyped')
  return { type: 'account', id, name, ...(known ? { domain } : {}) } as Account
}
