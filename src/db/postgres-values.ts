import type { QueryArrayConfig, QueryResult } from 'pg'
import { type ColumnType, columnsOf, type RowIn, type Table, type Value } from './schema.ts'
import { storable } from './text.ts'

const TYPES: Record<ColumnType, string> = {
  integer: 'INTEGER',
  bigint: 'BIGINT',
  double: 'DOUBLE PRECISION',
  text: 'TEXT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
}

/** What may come out, by the server's type number. Anything else is an error that names the column. */
export const PARSERS = new Map<number, (text: string) => Value>([
  [16, (text) => text === 't'],
  [20, BigInt],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [1082, String],
  [1114, toInstant],
])
/** char, name, text, json, unknown, bpchar, varchar. */
const TEXTUAL = new Set([18, 19, 25, 114, 705, 1042, 1043])
const NUMERIC = 1700

/** A query for the driver. The extended protocol takes one statement per text, so a text can never carry a second one. */
export function statement(text: string, parameters: readonly Value[]): QueryArrayConfig {
  const values = parameters.map((value) => {
    if (typeof value === 'string') return storable(value)
    return typeof value === 'bigint' ? value.toString() : value
  })
  return { text, values, queryMode: 'extended' } as unknown as QueryArrayConfig
}

/** Rows of an answer, with every column's type mapped. Sums are numeric on this server: whole ones become bigint. */
export function rowsOf<Row>(result: Pick<QueryResult, 'fields' | 'rows'>): Row[] {
  for (const { name, dataTypeID } of result.fields) {
    if (PARSERS.has(dataTypeID) || TEXTUAL.has(dataTypeID)) continue
    if (dataTypeID !== NUMERIC) throw new TypeError(`column "${name}": type ${dataTypeID} without a mapping`)
    for (const row of result.rows) {
      if (row[name] === null) continue
      if (!/^-?\d+$/.test(row[name])) {
        throw new TypeError(`column "${name}": a numeric value is not whole; CAST it AS DOUBLE PRECISION`)
      }
      row[name] = BigInt(row[name])
    }
  }
  return result.rows as Row[]
}

const INSTANT = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?( BC)?$/

/** Epoch milliseconds of a TIMESTAMP; parts of a millisecond are cut off towards 1970, as DuckDB's mapping does. */
function toInstant(text: string): number {
  const match = INSTANT.exec(text)
  if (!match) throw new TypeError(`timestamp out of range: ${text}`)
  const [, year, month, day, hour, minute, second, fraction = '', era] = match
  const date = new Date(0)
  date.setUTCFullYear(era ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const micros = Number(fraction.padEnd(6, '0'))
  const instant = date.getTime() + Math.floor(micros / 1000)
  return instant < 0 && micros % 1000 > 0 ? instant + 1 : instant
}

/** A TIMESTAMP as PostgreSQL reads it: no sign before a long year, `BC` behind an early one. */
function fromInstant(instant: number): string {
  const text = new Date(instant).toISOString()
  if (text.length === 24 && !text.startsWith('0000')) return text.slice(0, -1)
  const year = new Date(instant).getUTCFullYear()
  const rest = text.slice(text.startsWith('0000') ? 4 : 7, -1)
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

/** Names of a table's columns, its rows as `unnest($1, …)`, and the assignments of an upsert. */
export function shapeOf(table: Table): { names: string; source: string; assignments: string } {
  const columns = columnsOf(table)
  return {
    names: columns.map(([name]) => `"${name}"`).join(', '),
    source: `unnest(${columns.map(([, type], i) => `CAST($${i + 1} AS ${TYPES[type]}[])`).join(', ')})`,
    assignments: columns.map(([name]) => `"${name}" = EXCLUDED."${name}"`).join(', '),
  }
}

/** Parameters for {@link shapeOf}'s source. */
export function arrays(table: Table, rows: readonly RowIn[]): string[] {
  return columnsOf(table).map(([name, type]) => literal(rows, name, type))
}

/** One column of rows as an array literal: written here because the driver's own quotes and escapes every number. */
export function literal(rows: readonly RowIn[], name: string, type: ColumnType): string {
  return `{${rows.map((row) => element(row[name] ?? null, type)).join(',')}}`
}

function element(value: Value, type: ColumnType): string {
  if (value === null) return 'NULL'
  if (type === 'text') return `"${storable(String(value)).replace(/["\\]/g, '\\$&')}"`
  if (type === 'timestamp') return `"${fromInstant(value as number)}"`
  return Object.is(value, -0) ? '-0' : String(value)
}
