import type { AnyRecord } from '../../src/model/records.ts'

/** A person's touches in order, and what the deal after them brought; without an amount nothing was won. */
export interface TestJourney {
  readonly path: readonly string[]
  /** Minor units. */
  readonly amount?: number
}

const HOUR = 3_600_000
/** When every journey ends: the deal closes, an hour or so after the last touch. */
export const END = Date.UTC(2026, 2, 10)

/**
 * Journeys as records: a contact each, a won deal where there is an amount.
 * @param apart hours between touches
 */
export function journeyRecords(journeys: readonly TestJourney[], end = END, prefix = '', apart = 1): AnyRecord[] {
  return journeys.flatMap(({ path, amount }, i): AnyRecord[] => {
    const contact = `${prefix}c${i}`
    return [
      { type: 'contact', id: contact, createdAt: new Date(end - (path.length + 1) * apart * HOUR) },
      ...path.map(
        (channel, place): AnyRecord => ({
          type: 'touch',
          id: `${prefix}t${i}-${String(place).padStart(4, '0')}`,
          person: { contactId: contact },
          occurredAt: new Date(end - (path.length - place) * apart * HOUR),
          channel,
        }),
      ),
      ...(amount === undefined ? [] : [dealRecord(`${prefix}d${i}`, contact, amount, end)]),
    ]
  })
}

export function dealRecord(id: string, contact: string, amount: number, closed = END): AnyRecord {
  const minor = String(Math.abs(amount)).padStart(3, '0')
  return {
    type: 'deal',
    id,
    contactIds: [contact],
    amount: { amount: `${amount < 0 ? '-' : ''}${minor.slice(0, -2)}.${minor.slice(-2)}`, currency: 'CNY' },
    createdAt: new Date(closed - HOUR / 2),
    closedAt: new Date(closed),
    won: true,
  }
}

/** Enough for every model: four channels on many journeys, 330 of 600 won, in a fixed order. */
export function plenty(): TestJourney[] {
  const paths = ['ads', 'mail', 'ads mail', 'expo ads mail', 'mail mail expo', 'direct', 'expo direct ads', 'ads ads']
  return Array.from({ length: 600 }, (_, i) => {
    const path = paths[(i * 7 + Math.floor(i / 13)) % paths.length]!.split(' ')
    return i % 20 < 11 ? { path, amount: 10_000 + ((i * 7919) % 90_001) } : { path }
  })
}
