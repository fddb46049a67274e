import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { sql, statements } from '../db/sql.ts'

export interface Migration {
  readonly version: number
  readonly statements: readonly string[]
}

/** What brings a state store to this program's version, in order: one text for all engines. */
export function stateMigrations(): readonly Migration[] {
  const folder = dirname(createRequire(import.meta.url).resolve('#sql/state/migrations/001-state.sql'))
  return readdirSync(folder)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 3)), statements: statements(sql(`state/migrations/${name}`)) }))
}
