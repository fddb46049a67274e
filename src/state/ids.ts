import { randomBytes } from 'node:crypto'

/**
 * An id such as `imp_0mcx1k2p9a1b2c3d4`. Ids of a kind sort by creation, also when the clock was set back: the time part
 * never goes below the newest id's.
 */
export function sortableId(prefix: string, now: Date, newest: string | undefined): string {
  const at = prefix.length + 1
  const last = newest ? Number.parseInt(newest.slice(at, at + 9), 36) : 0
  const time = Math.max(now.getTime(), last + 1)
  return `${prefix}_${time.toString(36).padStart(9, '0')}${randomBytes(4).toString('hex')}`
}
