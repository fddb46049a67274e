import type { Reader, RowOut } from '../../db/database.ts'
import type { Value } from '../../db/schema.ts'
import { sql } from '../../db/sql.ts'

const ONE = '= $2'
const LISTED = "IN (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT))"

/** Text of `metrics/sql/record-<name>.sql`. */
export function text(name: string): string {
  return sql(`metrics/sql/record-${name}.sql`)
}

/**
 * A statement about one key, `$2`, asked about any number of them in one round. A few keys become as many arms of a union:
 * an engine without indexes skips blocks and columns for a single value, and reads them all beside a list.
 */
export class Lookup<Row = RowOut> {
  readonly #one: string
  readonly #list: string
  readonly #few: number
  readonly #arms = new Map<string, string>()

  /** @param few above this many keys one pass over a list is cheaper */
  constructor(name: string, few = 8) {
    this.#few = few
    this.#one = text(name)
    if (this.#one.split(ONE).length !== 2) throw new Error(`record-${name}.sql must say "${ONE}" once`)
    this.#list = this.#one.replace(ONE, LISTED)
  }

  /** True for so many keys that {@link Lookup.read} makes one pass over a list. */
  isList(keys: ReadonlySet<bigint>): boolean {
    return keys.size > this.#few
  }

  /** Rows of all keys, in no order. `more` are the parameters from `$3` on. */
  async read(
    { reader, tenant }: { readonly reader: Reader; readonly tenant: number },
    keys: Iterable<bigint>,
    ...more: readonly Value[]
  ): Promise<Row[]> {
    const all = new Set(keys)
    const [first, ...others] = all
    if (first === undefined) return []
    if (this.isList(all)) return reader.query<Row>(this.#list, [tenant, [...all].join(','), ...more])
    return reader.query<Row>(this.#union(others.length, more.length), [tenant, first, ...more, ...others])
  }

  /** The statement with an arm for each further key; their parameters come after the others. */
  #union(others: number, more: number): string {
    if (others === 0) return this.#one
    const name = `${others}/${more}`
    let union = this.#arms.get(name)
    if (!union) {
      const arms = Array.from({ length: others }, (_, i) => this.#one.replace(ONE, `= $${3 + more + i}`))
      union = [this.#one, ...arms].map((arm) => `(${arm})`).join('\nUNION ALL\n')
      this.#arms.set(name, union)
    }
    return union
  }
}
