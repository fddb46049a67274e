import { createRequire } from 'node:module'
import type { Manifest, TableDigest } from '../api/governance.ts'
import type { Report } from '../api.ts'
import type { Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { canonicalJson, sha256 } from '../model/canonical.ts'
import { localDay } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import type { Configuration } from '../state/versions.ts'

const DATA_DIGEST = sql('reports/sql/data-digest.sql')

/** What the manifest of an answer depends on besides the stores. */
export interface ManifestContext {
  /** What the workspace's settings are of. */
  readonly configuration: Pick<Configuration, 'version' | 'hash'>
  /** Version of the state store's tables. */
  readonly stateSchema: number
  readonly now: Date
}

/** A manifest with the fingerprints its data hash is made of. */
export interface Fingerprinted {
  readonly manifest: Manifest
  readonly tables: readonly TableDigest[]
}

/**
 * What a report was made from (F152): the same data and configuration give the same hashes on every engine.
 * @param reader sees the state of the store that the report was made from
 */
export async function manifestOf(
  reader: Reader,
  { tenant, settings }: Workspace,
  { configuration, stateSchema, now }: ManifestContext,
  result: Pick<Report, 'query'>,
): Promise<Fingerprinted> {
  const tables = await tableDigests(reader, tenant)
  const [facts] = await reader.query<{ version: number | bigint }>('SELECT max(version) AS version FROM schema_version')
  return {
    tables,
    manifest: {
      app_version: appVersion(),
      schema: { facts: Number(facts?.version ?? 0), state: stateSchema },
      config_version: configuration.version,
      config_hash: configuration.hash,
      data_hash: dataHash(tables),
      day: localDay(settings.zone, now.getTime()),
      query: result.query,
      result_hash: sha256(JSON.stringify(result)),
    },
  }
}

/** Number and content of a workspace's records, by table. */
export async function tableDigests(reader: Reader, tenant: number): Promise<TableDigest[]> {
  const rows = await reader.query<{ name: string; n: bigint; content: string; places: string }>(DATA_DIGEST, [tenant])
  return rows
    .map(({ name, n, content, places }) => ({ table: name, rows: Number(n), content, places }))
    .sort((a, b) => (a.table < b.table ? -1 : 1))
}

export function dataHash(tables: readonly TableDigest[]): string {
  return sha256(canonicalJson(tables))
}

/** Version of this program. */
export function appVersion(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version
}
