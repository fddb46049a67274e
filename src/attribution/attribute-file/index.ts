import { type Locale, RoiError } from '../../errors.ts'
import { DATA_MODELS } from '../../model/data-models.ts'
import { dataCredit, type FileCredit, ruleCredit } from './credit.ts'
import { withEngine } from './engine.ts'
import { emptyFile, type Form, readLayout } from './header.ts'
import { chooseModels, type FileModel } from './models.ts'
import { refuseProblems } from './problems.ts'
import { estimated, inputWarnings, type Summary } from './warnings.ts'

export interface AttributeOptions {
  /** CSV of touches (`journey_id,seq,ts,channel,converted_at,value`) or of paths (`path,total_conversions,…`). */
  readonly file: string
  /** `all` (default), or ids as a list or separated by commas. */
  readonly models?: string | readonly string[] | undefined
  /** Half-life of time decay; default 7. */
  readonly halfLifeDays?: number | undefined
  /** Channels that `last_non_direct` looks past, compared without case. */
  readonly directChannels?: readonly string[] | undefined
  /** Number of resamples for 95 % intervals of the data-driven models; default none. */
  readonly interval?: number | undefined
  /** Seed of everything drawn; default 1. */
  readonly seed?: number | undefined
  /** Language of the warnings; default en. */
  readonly locale?: Locale | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AttributeRow {
  /** Key as in the file; `(none)` = no channel given; `(unattributed)` = conversions that no touch precedes. */
  channel: string
  model: FileModel
  conversions: number
  value: number
  /** Markov only. */
  removal_effect?: number
  /** Bounds of `conversions`. */
  low?: number
  high?: number
}

/** What `attribute FILE --json` prints. */
export interface AttributeResult {
  journeys: number
  conversions: number
  value: number
  rows: AttributeRow[]
  warnings: string[]
}

const DEFAULT_DIRECT = ['direct', '(direct)', '直接访问', '直接']
const UNATTRIBUTED = '(unattributed)'
/** Units in 1 of value, as the SQL of each form counts them. */
const UNITS: Readonly<Record<Form, number>> = { journeys: 1e6, paths: 1e12 }

/**
 * Credit of a file under several models, without a database (architecture.md §6.1): no look-back, no data floor, touches
 * after the conversion left out. The same file and options give the same bytes.
 * @throws RoiError for a file, row, model or option that cannot be used; the reason of `signal` when aborted
 */
export async function attributeFile(options: AttributeOptions): Promise<AttributeResult> {
  const { halfLifeDays = 7, interval = 0, seed = 1, locale = 'en', signal } = options
  check('half-life', halfLifeDays, halfLifeDays > 0 && halfLifeDays <= 36_500, '> 0, ≤ 36500')
  check('interval', interval, Number.isInteger(interval) && interval >= 0 && interval <= 10_000, '0 – 10000')
  check('seed', seed, Number.isInteger(seed) && Math.abs(seed) < 2 ** 31, '-2147483647 – 2147483647')
  const layout = await readLayout(options.file)
  const models = chooseModels(options.models ?? 'all', layout.form)
  const dataDriven = DATA_MODELS.filter((model) => models.includes(model))
  const directChannels = options.directChannels ?? DEFAULT_DIRECT
  return withEngine({ file: options.file, layout, halfLifeDays, directChannels, signal }, async (engine) => {
    await engine.run('raw.sql')
    await engine.run(`${layout.form}.sql`)
    await refuseProblems(engine, layout.form)
    const [summary] = await engine.query<Summary>('summary.sql', [UNITS[layout.form]])
    if (!summary || summary.rows === 0) throw emptyFile(options.file)
    await engine.run('cells.sql')
    const channels = await engine.query<Channel>('channels.sql')
    const settings = { channels: channels.length, units: UNITS[layout.form], interval, seed, signal }
    const rules = await ruleCredit(engine, models, settings)
    const data = await dataCredit(engine, dataDriven, settings)
    const warnings = await inputWarnings(engine, summary, dataDriven.length > 0, locale)
    const orders = data.get('shapley_s6')?.orders
    if (orders) warnings.push(estimated(channels.filter(({ credited }) => credited).length, orders, locale))
    const rows = models.flatMap((model) => {
      const credit = data.get(model) ?? rules.get(model)!
      return withUntouched(model, rowsOf(model, channels, credit), summary)
    })
    return { journeys: summary.journeys, conversions: summary.conversions, value: summary.value, rows, warnings }
  })
}

interface Channel {
  readonly name: string
  readonly credited: boolean
}

/** One row per channel that has a touch, also where its credit is 0; in the order of the channels. */
function rowsOf(model: FileModel, channels: readonly Channel[], credit: FileCredit): AttributeRow[] {
  const { removalEffect, interval } = credit
  return channels.flatMap(({ name, credited }, index) => {
    if (!credited) return []
    const conversions = credit.conversions[index]!
    const row: AttributeRow = { channel: name, model, conversions, value: credit.value[index]! }
    if (removalEffect) row.removal_effect = removalEffect[index]!
    if (interval) {
      // Few resamples may all lie on one side of the estimate; an interval that excludes it would only confuse.
      row.low = Math.min(conversions, interval.low[index]!)
      row.high = Math.max(conversions, interval.high[index]!)
    }
    return [row]
  })
}

/** Adds what no touch precedes, so that the rows of every model add up to all conversions. */
function withUntouched(model: FileModel, rows: AttributeRow[], summary: Summary): AttributeRow[] {
  const { untouched_conversions: conversions, untouched_value: value } = summary
  if (conversions === 0) return rows
  return [...rows, { channel: UNATTRIBUTED, model, conversions, value }].sort((a, b) =>
    Buffer.compare(Buffer.from(a.channel), Buffer.from(b.channel)),
  )
}

function check(option: string, given: number, holds: boolean, range: string): void {
  if (holds) return
  throw new RoiError(
    'usage',
    'option_invalid',
    { en: `${option} cannot be ${given}.`, 'zh-CN': `${option} 不能为 ${given}。` },
    { en: `Allowed: ${range}.`, 'zh-CN': `允许范围：${range}。` },
  )
}
