import { z } from 'zod'
import { ConnectorError } from '../../src/errors.ts'
import type { Page } from '../../src/sync/contract.ts'
import { stuck } from './api.ts'
import { SEARCH_LIMIT, type Search, searchObjects } from './api-objects.ts'
import type { Env, HubspotContext } from './env.ts'
import { parseInstant } from './fields.ts'
import { type Item, numericId } from './item.ts'
import { type ObjectSpec, openItems, pageOf } from './objects.ts'

/** Where an incremental read stands: records modified at `from` or later; with `tie`, at `from` with an id above it. */
const Position = z.object({ from: z.number(), tie: z.string().optional(), done: z.literal(true).optional() })
type Position = z.output<typeof Position>

/**
 * What was modified since an instant, oldest first, by search (hubspot.md §9).
 *
 * Every search begins at the last value seen and is read for its first page only. `after` counts records, and a record
 * modified while we read moves to the end: the others move up by one, and the next page would skip one of them for
 * good. Beginning anew costs only those that share the last value again, and never meets the limit of 10,000 results.
 * When a whole page shares one value, as bulk edits leave it, the rest of that value is read in the order of ids.
 */
export async function* readChanges(
  context: HubspotContext,
  spec: ObjectSpec,
  env: Env,
  since: Date,
  cursor: string | null,
): AsyncGenerator<Page> {
  let position: Position | undefined = cursor === null ? { from: since.getTime() } : Position.parse(JSON.parse(cursor))
  while (position && !position.done) {
    const found = await search(context, spec, env, position)
    if (found.items.length + found.rejected.length === 0) {
      // A page full of one value was just there: who finds none of them now would skip all the others.
      if (position.tie === '0') throw stuck(`${spec.object} modified at exactly ${position.from}`)
      // Only the tie is at its end; what was modified later is still to come.
      position = position.tie === undefined ? undefined : { from: position.from + 1 }
      continue
    }
    const next = advance(spec, position, found, env)
    if (next.from === position.from && next.tie === position.tie && !next.done)
      throw stuck(`${spec.object} ${next.from}`)
    const ids = found.items.map(({ id }) => id)
    const page = await pageOf(context, spec, env, ids)
    const rejected = [...found.rejected, ...(page.rejected ?? [])]
    yield { ...page, rejected, cursor: JSON.stringify(next) }
    position = next
  }
}

interface Found {
  readonly items: readonly Item[]
  readonly rejected: NonNullable<Page['rejected']>
  /** How many the query has in all. */
  readonly total: number
}

async function search(context: HubspotContext, spec: ObjectSpec, env: Env, position: Position): Promise<Found> {
  const value = String(position.from)
  const { tie } = position
  const filters: Search['filters'] =
    tie === undefined
      ? [{ propertyName: spec.modified, operator: 'GTE', value }]
      : [
          { propertyName: spec.modified, operator: 'EQ', value },
          { propertyName: 'hs_object_id', operator: 'GT', value: tie },
        ]
  const answer = await searchObjects(context.http, spec.object, {
    filters,
    sort: tie === undefined ? spec.modified : 'hs_object_id',
    limit: SEARCH_LIMIT,
    properties: [spec.modified],
  })
  if (answer.results.length === 0 && answer.total > 0) {
    throw new ConnectorError('retry', 'empty_page', `HubSpot found ${answer.total} ${spec.object} and sent none.`)
  }
  return { ...openItems(answer.results, spec.object, env.drift), total: answer.total }
}

/** The position behind a page. @throws ConnectorError `cursor_stuck` when the page does not lead on. */
function advance(spec: ObjectSpec, position: Position, found: Found, env: Env): Position {
  const { items, rejected, total } = found
  const complete = items.length + rejected.length >= total
  const { from, tie } = position
  if (tie !== undefined) {
    let highest = numericId(tie)
    for (const { id } of items) {
      if (numericId(id) <= highest) throw stuck(`${spec.object} modified at ${from} beyond id ${tie}`)
      highest = numericId(id)
    }
    // The whole tie is read: what was modified later comes next.
    return complete ? { from: from + 1 } : { from, tie: String(highest) }
  }
  let last = from
  for (const item of items) {
    const at = modifiedAt(item, spec, env)
    // A record without a date cannot lead on; the others do.
    if (at === undefined) continue
    if (at < last) throw stuck(`${spec.object} modified since ${from}`)
    last = at
  }
  if (complete) return { from: last, done: true }
  // Nothing but one value: it is read by id from its start, since the order within it is not told.
  return last > from ? { from: last } : { from, tie: '0' }
}

function modifiedAt(item: Item, spec: ObjectSpec, env: Env): number | undefined {
  const at = parseInstant(item.properties[spec.modified], env.zone) ?? parseInstant(item.updatedAt, env.zone)
  return at?.getTime()
}
