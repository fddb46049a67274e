import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { Eligibility } from '../model/rules.ts'
import { UNKNOWN_CHANNEL_ID } from './channels.ts'
import { BETWEEN, kindsOf } from './kinds.ts'

const PLAIN = sql('journey/sql/touch-channel.sql')
const JUDGED = sql('journey/sql/touch-judge.sql')

/**
 * Gives every touch the channel and the campaign its credit goes to, and leaves out of all journeys those that the rules
 * of eligibility (F122) or a correction (F54) exclude.
 */
export async function placeTouches(tx: Transaction, tenant: number, rules: Eligibility): Promise<void> {
  const barred = await barredBy(tx, tenant, rules)
  const [fix] = await tx.query('SELECT touch_id FROM touch_fix WHERE tenant_id = $1 LIMIT 1', [tenant])
  if (!barred && !fix) return tx.run(PLAIN, [tenant, UNKNOWN_CHANNEL_ID])
  const { channels, kinds, noKind } = barred ?? { channels: [], kinds: [], noKind: false }
  await tx.run(JUDGED, [tenant, UNKNOWN_CHANNEL_ID, channels.join(','), kinds.join(BETWEEN), noKind])
}

interface Barred {
  readonly channels: readonly bigint[]
  readonly kinds: readonly string[]
  /** Touches without a kind as well. */
  readonly noKind: boolean
}

/** What the rules leave out, of the channels and kinds there are; null without rules. */
async function barredBy(tx: Transaction, tenant: number, rules: Eligibility): Promise<Barred | null> {
  const { include_kinds, exclude_kinds, include_channels, exclude_channels } = rules
  const byKind = include_kinds.length + exclude_kinds.length > 0
  const byChannel = include_channels.length + exclude_channels.length > 0
  if (!byKind && !byChannel) return null
  const channels = byChannel
    ? await tx.query<{ id: bigint; key: string }>('SELECT id, key FROM channel WHERE tenant_id = $1', [tenant])
    : []
  const kinds = await kindsOf(tx, tenant, byKind)
  const isOut = (include: readonly string[], exclude: readonly string[]) => {
    const [wanted, unwanted] = [lower(include), lower(exclude)]
    return (name: string) => unwanted.has(name.toLowerCase()) || (wanted.size > 0 && !wanted.has(name.toLowerCase()))
  }
  const channelIsOut = isOut(include_channels, exclude_channels)
  const kindIsOut = isOut(include_kinds, exclude_kinds)
  return {
    channels: channels.filter(({ key }) => channelIsOut(key)).map(({ id }) => id),
    kinds: kinds.filter(kindIsOut),
    noKind: include_kinds.length > 0,
  }
}

const lower = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()))
