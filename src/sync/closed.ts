import type { Database, Transaction } from '../db/database.ts'
import type { RowIn } from '../db/schema.ts'
import { RoiError } from '../errors.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import { CLOSE_PARTS, CloseBasis, type LockedCell } from '../state/close-parts.ts'
import type { PeriodClose } from '../state/closes.ts'
import type { State } from '../state/state.ts'
import { leased } from './lease.ts'

/** Tables that hold the numbers of one closed month. */
const OF_MONTH = ['closed_month', 'closed_cell', 'closed_spend', 'closed_total'] as const

/**
 * Makes the fact store's copy of the closed months what the state store says: after a close, in a store that was rebuilt or
 * migrated, and where a kill came in between. Does nothing where both agree.
 * @throws RoiError `closes_busy` when another process does it for longer than we wait
 */
export async function applyCloses(database: Database, state: State, tenant: number): Promise<void> {
  if (agree(await differences(database, state, tenant))) return
  await leased(state, `closes/${tenant}`, busy, async () => {
    // By now somebody else may have done it.
    const found = await differences(database, state, tenant)
    if (agree(found)) return
    const { gone, missing } = found
    const added = await Promise.all(missing.map(async (close) => ({ close, locked: await read(state, tenant, close) })))
    await database.write(async (tx) => {
      for (const month of gone) {
        for (const table of OF_MONTH) {
          await tx.run(`DELETE FROM ${table} WHERE tenant_id = $1 AND month = CAST($2 AS DATE)`, [tenant, month])
        }
      }
      for (const { close, locked } of added) await write(tx, tenant, close, locked)
      await tx.run(FORGET_PLACES, [tenant])
    })
  })
}

const FORGET_PLACES = `DELETE FROM closed_place WHERE tenant_id = $1
  AND id NOT IN (SELECT place_id FROM closed_cell WHERE tenant_id = $1 AND place_id IS NOT NULL)
  AND id NOT IN (SELECT place_id FROM closed_spend WHERE tenant_id = $1)`

interface Differences {
  /** First days of months that are not closed as the copy has them. */
  readonly gone: readonly string[]
  readonly missing: readonly PeriodClose[]
}

async function differences(database: Database, state: State, tenant: number): Promise<Differences> {
  const wanted = await state.closedMonths(tenant)
  const there = await database.query<{ month: string; close_id: string }>(
    'SELECT month, close_id FROM closed_month WHERE tenant_id = $1',
    [tenant],
  )
  const gone = there.filter(({ close_id }) => !wanted.some(({ id }) => id === close_id))
  const missing = wanted.filter(({ id }) => !there.some(({ close_id }) => close_id === id))
  return { gone: gone.map(({ month }) => month), missing }
}

const agree = ({ gone, missing }: Differences) => gone.length === 0 && missing.length === 0

function busy(): RoiError {
  return new RoiError(
    'unavailable',
    'closes_busy',
    { en: 'Another process is writing the closed periods.', 'zh-CN': '另一个进程正在写入关账数据。' },
    { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
  )
}

async function read(state: State, tenant: number, { id }: PeriodClose) {
  const part = async <Name extends keyof typeof CLOSE_PARTS>(name: Name) => {
    return CLOSE_PARTS[name].array().parse(await state.closePart(tenant, id, name))
  }
  return {
    places: (await part('places')) as ReturnType<(typeof CLOSE_PARTS)['places']['parse']>[],
    cells: (await part('cells')) as LockedCell[],
    spend: (await part('spend')) as ReturnType<(typeof CLOSE_PARTS)['spend']['parse']>[],
    totals: (await part('totals')) as ReturnType<(typeof CLOSE_PARTS)['totals']['parse']>[],
  }
}

async function write(
  tx: Transaction,
  tenant_id: number,
  { id, month, basis }: PeriodClose,
  { places, cells, spend, totals }: Awaited<ReturnType<typeof read>>,
): Promise<void> {
  const { currency, digest } = CloseBasis.parse(basis)
  await tx.insert('closed_month', [{ tenant_id, month, close_id: id, currency, digest: BigInt(digest) }])
  await tx.insertMissing(
    'closed_place',
    places.map(({ id: place, keys, name, costed }) => ({
      tenant_id,
      id: BigInt(place),
      keys: JSON.stringify(keys),
      name,
      costed,
    })),
    ['tenant_id', 'id'],
  )
  await tx.insert(
    'closed_cell',
    cells.map((cell) => toCell(tenant_id, month, cell)),
  )
  await tx.insert(
    'closed_spend',
    spend.map(({ place, cost, media, cost_rows, media_rows, fx_missing }) => ({
      tenant_id,
      month,
      place_id: BigInt(place),
      cost: BigInt(cost),
      media: BigInt(media),
      cost_rows: BigInt(cost_rows),
      media_rows: BigInt(media_rows),
      fx_missing: BigInt(fx_missing),
    })),
  )
  await tx.insert(
    'closed_total',
    totals.map(({ basis: of, won, deals, without_rate }) => ({
      tenant_id,
      month,
      basis: of,
      won_minor: BigInt(won),
      deals: BigInt(deals),
      fx_missing: BigInt(without_rate),
    })),
  )
}

/** A model that came after the close has no locked numbers: it counts nothing there. */
function toCell(tenant_id: number, month: string, { place, kind, is_new, layer, w, m }: LockedCell): RowIn {
  const sums = RULE_MODELS.flatMap((model) => [
    [`w_${model}`, BigInt(w[model] ?? 0)],
    [`m_${model}`, BigInt(m[model] ?? 0)],
  ])
  return {
    tenant_id,
    month,
    place_id: place === null ? null : BigInt(place),
    kind,
    is_new,
    layer,
    ...Object.fromEntries(sums),
  }
}
