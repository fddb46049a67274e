import { ConnectorError } from '../../src/errors.ts'
import type { AnyRecord } from '../../src/model/records.ts'
import type { Page, Reject } from '../../src/sync/contract.ts'
import { listOwners, listPipelines, listRates, pages } from './api.ts'
import type { HubspotContext } from './env.ts'
import { idOf, isObject } from './item.ts'
import { toOwner, toRate, toStage } from './map-setup.ts'
import { LEAD_STATES } from './unverified.ts'

/** Small things that others refer to: owners, stages, exchange rates. Always read whole. */

function split(mapped: readonly (AnyRecord | Reject)[]): { records: AnyRecord[]; rejected: Reject[] } {
  const records: AnyRecord[] = []
  const rejected: Reject[] = []
  for (const one of mapped) {
    if ('where' in one) rejected.push(one)
    else records.push(one)
  }
  return { records, rejected }
}

/** Owners, then those who were: old deals still name them. */
export async function* readOwners(context: HubspotContext, cursor: string | null): AsyncGenerator<Page> {
  const [part = 'active', from] = cursor?.split(' ') ?? []
  if (part === 'end') return
  for (const which of part === 'active' ? ['active', 'archived'] : [part]) {
    const start = which === part ? from : undefined
    const fetch = (after: string | undefined) => listOwners(context.http, which === 'archived', after)
    for await (const { results, next } of pages(fetch, start)) {
      const following = which === 'active' ? 'archived' : 'end'
      yield { ...split(results.map(toOwner)), cursor: next === undefined ? following : `${which} ${next}` }
    }
  }
}

/** Stages of deals, and of leads where the account has them and the token may see them. */
export async function* readStages(context: HubspotContext): AsyncGenerator<Page> {
  for (const object of ['deals', 'leads'] as const) {
    const pipelines = object === 'deals' ? await listPipelines(context.http, object) : await leadPipelines(context)
    const stages = pipelines.flatMap(({ id, label, stages }) =>
      stages.map((raw) => toStage(raw, label?.trim() || id, object)),
    )
    yield { ...split(stages), cursor: object }
  }
}

async function leadPipelines(context: HubspotContext): ReturnType<typeof listPipelines> {
  try {
    return await listPipelines(context.http, 'leads')
  } catch (error) {
    if (!isOff(error)) throw error
    context.log('No pipelines of leads: the token may not see them, or the plan has none.')
    return []
  }
}

const RIGHTS = new Set(['missing_scope', 'forbidden', 'payment_required'])

/** Whether something fails for want of a scope or of the plan it comes with. */
export function isOff(error: unknown): boolean {
  return error instanceof ConnectorError && RIGHTS.has(error.code)
}

/** What each stage of leads decides. */
export async function leadStages(context: HubspotContext): Promise<Map<string, boolean>> {
  const decided = new Map<string, boolean>()
  for (const { stages } of await leadPipelines(context)) {
    for (const raw of stages) {
      const id = isObject(raw) ? idOf(raw.id) : undefined
      const state = isObject(raw) && isObject(raw.metadata) ? String(raw.metadata.leadState) : ''
      if (id !== undefined && Object.hasOwn(LEAD_STATES, state)) decided.set(id, LEAD_STATES[state] === true)
    }
  }
  return decided
}

/** Rates of all days, then those of now, which the list of days may lack. */
export async function* readRates(context: HubspotContext): AsyncGenerator<Page> {
  const { zone = 'UTC' } = context.identity
  for (const which of ['', '/current'] as const) {
    for await (const { results, next } of pages((after) => listRates(context.http, which, after))) {
      yield { ...split(results.map((raw) => toRate(raw, zone))), cursor: `${which} ${next ?? 'end'}` }
    }
  }
}
