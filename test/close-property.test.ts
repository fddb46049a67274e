import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { Workspace } from '../src/model/settings.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { openDesk } from './costs-kit.ts'
import { ENGINES } from './support/databases.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load } from './support/store.ts'
import { times } from './support/thorough.ts'

const JANUARY = { from: '2026-01-01', to: '2026-02-01' }
const LATER = { from: '2026-02-01', to: null }

describe.each(ENGINES)('period close on %s', (engine) => {
  test('closed periods never change under random later writes; open ones are as if nothing was closed', async () => {
    const { env, run } = await openDesk(engine)
    let number = 0
    await fc.assert(
      fc.asyncProperty(randomWorkspace, randomWorkspace, async (before, after) => {
        number += 1
        const [a, b] = [await env.state.openWorkspace(`a${number}`), await env.state.openWorkspace(`b${number}`)]
        const write = async (records: readonly AnyRecord[]) => {
          for (const { tenant, settings } of [a, b]) {
            await load(env.database, tenant, records)
            await recompute(env.database, tenant, attributionSettings(settings))
          }
        }
        const figures = async (workspace: Workspace, period: object) => {
          const query = {
            workspace: workspace.key,
            by: 'channel',
            by2: 'campaign',
            model: 'linear',
            ...period,
          } as never
          // When a month counts as young depends on all deals there are.
          const { query: _, maturity: __, ...rest } = await report(env.database, workspace, query, 'en')
          return rest
        }
        await write(toRecords(before))
        await run('close_period', { workspace: a.key, period: '2026-01' })
        const locked = await figures(a, JANUARY)
        await write(toRecords(after))
        expect(await figures(a, JANUARY)).toEqual(locked)
        expect(locked.reconciliation.ok).toBe(true)
        // Uncosted is told by costs of any time; there are none here.
        expect(await figures(a, LATER)).toEqual(await figures(b, LATER))
        const restatement = await run('closed', { workspace: a.key, month: '2026-01', limit: 500 })
        const live = await figures(b, JANUARY)
        expect(restatement.total.revenue.after).toBe(
          restatement.changed ? live.reconciliation.crm : locked.reconciliation.crm,
        )
        const difference = restatement.records
          .flatMap((record) => record.channels)
          .reduce((sum, one) => sum + BigInt(one.difference.replace('.', '')), 0n)
        expect(difference).toBe(BigInt(restatement.total.revenue.difference.replace('.', '')))
      }),
      { numRuns: times(4, 20) },
    )
  }, 60_000)
})
