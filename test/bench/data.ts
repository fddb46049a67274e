import type { Database } from '../../src/db/database.ts'
import { type RowIn, TABLES, type Table } from '../../src/db/schema.ts'

/** Size of a synthetic workspace. */
export interface Size {
  readonly touches: number
  readonly deals: number
  readonly costs: number
}

export const SIZES = {
  '1M': { touches: 1_000_000, deals: 100_000, costs: 100_000 },
  '10M': { touches: 10_000_000, deals: 1_000_000, costs: 100_000 },
} as const satisfies Record<string, Size>

const SPAN = 700 * 86_400

/** A pseudo-random whole number below `limit`, from an expression and a salt: the same on every run. */
const pick = (expression: string, salt: number, limit: number | string) =>
  `CAST((hash(${expression} + ${salt}) % CAST(${limit} AS UBIGINT)) AS BIGINT)`

/** Surrogate of row `n` of a kind. */
const id = (kind: number, n: string) => `CAST((hash(${n} + ${kind} * 100003) >> 1) AS BIGINT)`

/**
 * Fills a migrated DuckDB store: one workspace, a quarter as many contacts as touches, two contacts a deal, 12 channels,
 * 500 campaigns, two years. Every deal is won. Written by SQL, because the subject of these figures is what follows.
 */
export async function fill(database: Database, size: Size, tenant = 1): Promise<void> {
  const contacts = Math.floor(size.touches / 4)
  const time = (n: string, salt: number) => `TIMESTAMP '2024-06-01' + to_seconds(${pick(n, salt, SPAN)})`
  const statements = [
    `INSERT INTO channel SELECT ${tenant}, ${id(1, 'i')}, 'channel ' || i, i = 0, 1000 FROM range(12) AS r(i)`,
    `INSERT INTO campaign (tenant_id, id, source, source_id, name, channel, channel_id, kind, region, row_hash)
     SELECT ${tenant}, ${id(2, 'i')}, 'bench', 'k' || i, 'Campaign ' || i, 'channel ' || (i % 12), ${id(1, '(i % 12)')},
            'type ' || (i % 7), 'region ' || (i % 9), 0 FROM range(500) AS r(i)`,
    `INSERT INTO cost (tenant_id, id, source, source_id, date, amount_minor, currency, category, campaign_id, state, row_hash)
     SELECT ${tenant}, ${id(3, 'i')}, 'bench', 'x' || i, CAST(${time('i', 11)} AS DATE), ${pick('i', 12, 500_000)}, 'CNY', 'ads',
            ${id(2, '(i % 500)')}, 'actual', 0 FROM range(${size.costs}) AS r(i)`,
    `INSERT INTO contact (tenant_id, id, source, source_id, person_id, created_at, row_hash)
     SELECT ${tenant}, ${id(4, 'i')}, 'bench', 'c' || i, ${id(4, 'i')}, ${time('i', 13)}, 0 FROM range(${contacts}) AS r(i)`,
    `INSERT INTO touch (tenant_id, id, source, source_id, ref_id, person_id, occurred_at, own_channel_id, channel_id,
                        campaign_id, used_campaign_id, row_hash)
     SELECT ${tenant}, ${id(5, 'i')}, 'bench', 't' || i, ${id(4, pick('i', 14, contacts))}, ${id(4, pick('i', 14, contacts))},
            ${time('i', 15)}, NULL, ${id(1, `(${pick('i', 16, 500)} % 12)`)}, ${id(2, pick('i', 16, 500))},
            ${id(2, pick('i', 16, 500))}, 0
     FROM range(${size.touches}) AS r(i)`,
    `INSERT INTO deal (tenant_id, id, source, source_id, amount_minor, currency, created_at, closed_at, won, row_hash)
     SELECT ${tenant}, ${id(6, 'i')}, 'bench', 'd' || i, ${pick('i', 17, 10_000_000)}, 'CNY', ${time('i', 18)},
            ${time('i', 18)} + INTERVAL '60 days', TRUE, 0 FROM range(${size.deals}) AS r(i)`,
    `INSERT INTO deal_contact
     SELECT DISTINCT ${tenant}, ${id(6, 'i')}, ${id(4, pick('(i * 2 + k)', 19, contacts))}
     FROM range(${size.deals}) AS r(i), range(2) AS s(k)`,
    `INSERT INTO dirty VALUES (${tenant}, 'all', 0)`,
  ]
  await database.write(async (tx) => {
    for (const statement of statements) await tx.run(statement)
  })
  await database.recluster()
}

/**
 * Adds what the full set of metrics asks for to a filled store: MQLs and SQLs, lost and open deals, customers who buy again, product
 * costs, invoices, receipts and refunds. Every deal that stays won has one invoice and one receipt; one in fifty is partly paid back.
 */
export async function enrich(database: Database, size: Size, tenant = 1): Promise<void> {
  const row = `FROM range(${size.deals}) AS r(i) JOIN deal ON deal.tenant_id = ${tenant} AND deal.id = ${id(6, 'i')}`
  const statements = [
    `UPDATE contact SET mql_at = created_at + INTERVAL '3 days' WHERE tenant_id = ${tenant} AND id % 2 = 0`,
    `UPDATE contact SET sql_at = created_at + INTERVAL '9 days' WHERE tenant_id = ${tenant} AND id % 4 = 0`,
    `UPDATE deal SET account_id = 1 + id % ${Math.ceil(size.deals / 3)},
       won = CASE WHEN id % 10 < 7 THEN TRUE WHEN id % 10 < 9 THEN FALSE END,
       product_cost_minor = CASE WHEN id % 10 > 0 THEN amount_minor * 2 // 5 END WHERE tenant_id = ${tenant}`,
    `INSERT INTO invoice (tenant_id, id, source, source_id, deal_id, amount_minor, currency, issued_at, row_hash)
     SELECT ${tenant}, ${id(7, 'i')}, 'bench', 'i' || i, deal.id, deal.amount_minor, 'CNY', deal.closed_at + INTERVAL '5 days', 0
     ${row} WHERE deal.won`,
    `INSERT INTO payment (tenant_id, id, source, source_id, deal_id, amount_minor, currency, paid_at, row_hash)
     SELECT ${tenant}, ${id(8, 'i')}, 'bench', 'p' || i, deal.id, deal.amount_minor, 'CNY', deal.closed_at + INTERVAL '30 days', 0
     ${row} WHERE deal.won`,
    `INSERT INTO payment (tenant_id, id, source, source_id, deal_id, amount_minor, currency, paid_at, row_hash)
     SELECT ${tenant}, ${id(9, 'i')}, 'bench', 'r' || i, deal.id, -1 - deal.amount_minor // 10, 'CNY',
            deal.closed_at + INTERVAL '60 days', 0
     ${row} WHERE deal.won AND i % 50 = 0`,
  ]
  await database.write(async (tx) => {
    for (const statement of statements) await tx.run(statement)
  })
  await database.recluster()
}

/** What {@link fill} and {@link enrich} write. */
const FILLED = [
  'channel',
  'campaign',
  'cost',
  'contact',
  'touch',
  'deal',
  'deal_contact',
  'payment',
  'invoice',
  'dirty',
] as const satisfies readonly Table[]

/** Writes the records of a store into another one. */
export async function copy(from: Database, to: Database): Promise<void> {
  for (const table of FILLED) {
    const columns = Object.keys(TABLES[table]).join(', ')
    for await (const rows of from.stream<RowIn>(`SELECT ${columns} FROM ${table}`)) {
      await to.write((tx) => tx.insert(table, rows))
    }
  }
  if (to.profile.indexes) await to.write((tx) => tx.run('ANALYZE'))
}
