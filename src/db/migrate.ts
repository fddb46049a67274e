import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { RoiError } from '../errors.ts'
import type { Database, Profile } from './database.ts'
import { sql, statements } from './sql.ts'

const INDEXED = /^-- indexed$[\s\S]*?^-- end$/gm

/** Migration files in order. */
function migrations(): { version: number; file: string }[] {
  const folder = dirname(createRequire(import.meta.url).resolve('#sql/db/migrations/001-facts.sql'))
  return readdirSync(folder)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 3)), file: `db/migrations/${name}` }))
}

/** The text of a migration for an engine. */
function textFor(file: string, profile: Profile): string {
  const text = sql(file)
  return profile.indexes ? text : text.replaceAll(INDEXED, '')
}

/**
 * Brings the fact store to this program's version, forward only, each step in its own transaction.
 * @throws RoiError `store_too_new` when the store was written by a newer program; nothing is changed then.
 */
export async function migrate(database: Database): Promise<void> {
  await database.write(async (tx) => {
    await tx.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)')
  })
  const [row] = await database.query<{ version: number | null }>(
    'SELECT CAST(max(version) AS INTEGER) AS version FROM schema_version',
  )
  const current = row?.version ?? 0
  const known = migrations()
  const newest = known.at(-1)?.version ?? 0
  if (current > newest) throw tooNew(current, newest)
  for (const { version, file } of known) {
    if (version <= current) continue
    await database.write(async (tx) => {
      for (const statement of statements(textFor(file, database.profile))) await tx.run(statement)
      await tx.run('INSERT INTO schema_version VALUES ($1, CAST($2 AS TIMESTAMP))', [
        version,
        new Date().toISOString().slice(0, 19),
      ])
    })
  }
}

/** The refusal of a store that a newer program wrote. */
export function tooNew(found: number, known: number): RoiError {
  return new RoiError(
    'failure',
    'store_too_new',
    {
      en: `The data was written by a newer program (version ${found}, this one knows ${known}).`,
      'zh-CN': `数据由更新版本的程序写入（版本 ${found}，本程序支持到 ${known}）。`,
    },
    {
      en: 'Update roi-panel, or point --data to another directory. Nothing was changed.',
      'zh-CN': '请升级 roi-panel，或用 --data 指定其他目录。数据未作任何改动。',
    },
  )
}
