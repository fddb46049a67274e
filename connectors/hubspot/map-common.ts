import type { RecordType } from '../../src/model/records.ts'
import type { Merge, Reject } from '../../src/sync/contract.ts'
import type { Env } from './env.ts'
import { type Fields, parseInstant } from './fields.ts'
import type { Item } from './item.ts'
import { refuse, say } from './words.ts'

/** When HubSpot last changed a record. */
export function updatedOf(item: Item, fields: Fields, property: string, env: Env): Date | undefined {
  return fields.instant(property) ?? parseInstant(item.updatedAt, env.zone)
}

/** When a record was made, from its property or its envelope. */
export function createdOf(item: Item, fields: Fields, property: string, env: Env): Date | undefined {
  return fields.instant(property) ?? parseInstant(item.createdAt, env.zone)
}

/** The winner names whom it has taken in; losers are never in a list again. */
export function merges(type: RecordType, id: string, losers: readonly string[]): Merge[] {
  return losers.filter((loser) => loser !== id).map((loser) => ({ from: { type, id: loser }, into: { type, id } }))
}

export function noCreation(object: string, item: Item): Reject {
  const message = say(
    `HubSpot sent ${object} ${item.id} without a usable creation date.`,
    `HubSpot 返回的 ${object} ${item.id} 没有可用的创建日期。`,
  )
  return refuse(item.id, 'missing_created', message, item.raw)
}
