/** The fake HubSpot of the sync bench, in a process of its own. */
import { delay } from '../fakes/faults.ts'
import { seedPortal } from '../fakes/hubspot/seed.ts'
import { startHubSpot } from '../fakes/hubspot.ts'
import type { SourceOptions, SourceStats } from './sync.ts'

const options = JSON.parse(process.argv[2]!) as SourceOptions
const fake = await startHubSpot({ limits: { core: options.core }, validate: false, keep: 20_000 })
const account = fake.addAccount()
seedPortal(account, {
  contacts: options.contacts,
  companies: 0,
  deals: options.deals,
  campaigns: 0,
  forms: 0,
  events: 0,
  seed: 1,
})
if (options.latency > 0) fake.faults.always({}, delay(options.latency))

process.on('message', () => {
  const core = fake.requests.filter(({ path, status }) => !path.endsWith('/search') && status === 200)
  const isList = ({ path }: { path: string }) => /objects\/[^/]+\/contacts$/.test(path)
  // From the first page of contacts to the last: what comes before and after is a request at a time.
  const lists = core.slice(core.findIndex(isList), core.findLastIndex(isList) + 1)
  const stats: SourceStats = {
    requests: fake.counters.requests,
    limited: fake.counters.limited,
    span: lists.at(-1)!.at - lists[0]!.at,
    lists: lists.length,
  }
  process.send!(stats)
})
process.send!({ origin: fake.origin, token: account.token })
