import type { AnyRecord } from '../src/model/records.ts'
import type { Settings } from '../src/model/settings.ts'
import { openTestDatabase, type TestStore } from './support/databases.ts'
import { load, testWorkspace } from './support/store.ts'

/** Records in one line each, for tests about customers and funnels. Days are UTC; a day may carry a time. */

const at = (day: string) => new Date(day.length > 10 ? day : `${day}T00:00:00Z`)
const cny = (amount: string | number) => ({ amount: String(amount), currency: 'CNY' })
type Of<T extends AnyRecord['type']> = Extract<AnyRecord, { type: T }>

export function contact(
  id: string,
  lead: string,
  more: Partial<Of<'contact'>> & { readonly mql?: string; readonly sql?: string } = {},
): AnyRecord {
  const { mql, sql, ...rest } = more
  return {
    type: 'contact',
    id,
    createdAt: at(lead),
    ...(mql && { mqlAt: at(mql) }),
    ...(sql && { sqlAt: at(sql) }),
    ...rest,
  }
}

export function touch(
  id: string,
  of: string,
  day: string,
  channel: string,
  more: Partial<Of<'touch'>> = {},
): AnyRecord {
  return { type: 'touch', id, person: { contactId: of }, occurredAt: at(day), channel, ...more }
}

/** A deal of one contact, won at a day. */
export function won(
  id: string,
  of: string | null,
  day: string,
  amount: string | number,
  more: Partial<Of<'deal'>> = {},
): AnyRecord {
  return {
    type: 'deal',
    id,
    ...(of !== null && { contactIds: [of] }),
    amount: cny(amount),
    createdAt: at(day),
    closedAt: at(day),
    won: true,
    ...more,
  }
}

export function payment(id: string, deal: string, day: string, amount: string | number): AnyRecord {
  return { type: 'payment', id, dealId: deal, amount: cny(amount), paidAt: at(day) }
}

export function invoice(id: string, deal: string, day: string, amount: string | number): AnyRecord {
  return { type: 'invoice', id, dealId: deal, amount: cny(amount), issuedAt: at(day) }
}

export function cost(id: string, day: string, amount: string | number, more: Partial<Of<'cost'>> = {}): AnyRecord {
  return { type: 'cost', id, date: day, amount: cny(amount), category: 'ads', state: 'actual', ...more }
}

export { at, cny }

/**
 * A, of an expo, buys for 1000, again for 600 within the year and for 300 after it. B, of Google, buys for 500 and gets 100 back.
 * C comes by himself and buys for 200; what that cost to make is not known.
 */
export const SALES: readonly AnyRecord[] = [
  contact('a', '2025-01-10T12:00:00Z'),
  touch('ta', 'a', '2025-01-10', 'expo'),
  won('a1', 'a', '2025-01-15', 1000, { productCost: cny(400) }),
  won('a2', 'a', '2025-06-20', 600, { productCost: cny(200) }),
  won('a3', 'a', '2026-02-10', 300, { productCost: cny(100) }),
  contact('b', '2025-01-20T12:00:00Z'),
  touch('tb', 'b', '2025-01-20', 'google'),
  won('b1', 'b', '2025-02-01', 500, { productCost: cny(100) }),
  contact('c', '2025-02-01'),
  won('c1', 'c', '2025-02-20', 200, { layer: 'referral' }),
  payment('pa', 'a1', '2025-01-20', 250),
  payment('pb', 'b1', '2025-02-05', 500),
  payment('pb-', 'b1', '2025-03-10', -100),
  invoice('ia', 'a1', '2025-02-01', 1000),
  cost('x1', '2025-01-05', 1100, { channel: 'expo' }),
  cost('x2', '2025-02-05', 300, { channel: 'google' }),
]

/** A store with the records of workspace 1, gone when the running test ends. */
export async function storeWith(
  engine: 'duckdb' | 'postgres',
  records: readonly AnyRecord[],
  settings: Partial<Settings> = {},
): Promise<{ database: TestStore; workspace: ReturnType<typeof testWorkspace> }> {
  const database = await openTestDatabase(engine)
  await load(database, 1, records)
  return { database, workspace: testWorkspace(1, settings) }
}
