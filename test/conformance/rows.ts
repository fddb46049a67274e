import { rewrite } from '../fakes/faults.ts'
import type { Fault } from '../fakes/script.ts'

/** A record in an answer of the source, as it goes over the wire. */
export type Row = Record<string, unknown>

/** Lists in an answer whose entries name one of these ids: whatever the source calls them. */
function listsOf(body: unknown, ids: ReadonlySet<string>): Row[][] {
  if (typeof body !== 'object' || body === null) return []
  const rows = Array.isArray(body) ? body.filter((entry) => idKeyOf(entry, ids) !== undefined) : []
  const below = Object.values(body).flatMap((part) => listsOf(part, ids))
  return rows.length > 0 ? [body as Row[], ...below] : below
}

/** Where a row has its id. */
export function idKeyOf(row: unknown, ids: ReadonlySet<string>): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined
  return Object.entries(row).find(([key, value]) => /^id$|[_a-z]id$/i.test(key) && ids.has(String(value)))?.[0]
}

/** Changes the lists of records in every answer. */
export function changeLists(ids: Iterable<string>, change: (list: Row[]) => void): Fault {
  const known = new Set(ids)
  return rewrite((body: unknown) => {
    for (const list of listsOf(body, known)) change(list)
  })
}

/** Changes every record in every answer; told its id, and the field that holds it. */
export function changeRows(ids: Iterable<string>, change: (row: Row, id: string, key: string) => void): Fault {
  const known = new Set(ids)
  return changeLists(known, (list) => {
    for (const row of list) {
      const key = idKeyOf(row, known)
      if (key !== undefined) change(row, String(row[key]), key)
    }
  })
}

/** A field of a row, also of one inside it: `['properties', 'email']`. */
export type Path = readonly string[]

/** Paths of the single values of a row, but for its id. */
export function fieldsOf(row: Row, ids: ReadonlySet<string>): Path[] {
  const key = idKeyOf(row, ids)
  return Object.entries(row).flatMap(([name, value]): Path[] => {
    if (name === key) return []
    if (typeof value !== 'object' || value === null) return [[name]]
    return Array.isArray(value) ? [] : fieldsOf(value as Row, new Set()).map((path) => [name, ...path])
  })
}

export function at(row: Row, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Row | undefined)?.[name], row)
}

/** Replaces a field; undefined takes it away. */
export function put(row: Row, path: Path, value: unknown): void {
  const [first, ...rest] = path as [string, ...string[]]
  if (!(first in row)) return
  if (rest.length > 0) {
    const inner = row[first]
    if (typeof inner === 'object' && inner !== null) put(inner as Row, rest, value)
  } else if (value === undefined) delete row[first]
  else row[first] = value
}
