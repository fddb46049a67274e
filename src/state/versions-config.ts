import { isRoiError } from '../errors.ts'
import { canonicalJson, sha256 } from '../model/canonical.ts'
import type { Settings } from '../model/settings.ts'
import { currentActor } from './actor.ts'
import { type Definition, type DefinitionBody, type DefinitionKind, readDefinitions } from './definitions.ts'
import { parseStored } from './settings.ts'
import type { Sql } from './sql.ts'

/** Everything that a workspace's numbers depend on besides the data: the settings, and what people define. */
export interface ConfigBody {
  readonly settings: Settings
  readonly metrics: Readonly<Record<string, DefinitionBody<'metric'>>>
  readonly benchmarks: Readonly<Record<string, DefinitionBody<'benchmark'>>>
  readonly segments: Readonly<Record<string, DefinitionBody<'segment'>>>
}

/** Group of the configuration that definitions of a kind are in. */
export const GROUPS = { metric: 'metrics', benchmark: 'benchmarks', segment: 'segments' } as const

/** One difference between two configurations. */
export interface ConfigChange {
  /** Such as `settings.currency` or `metrics.margin`. */
  readonly path: string
  /** Null where there was none. */
  readonly before: unknown
  /** Null where there is none any more. */
  readonly after: unknown
}

/** A version as it is stored. */
export interface VersionRow {
  readonly version: number
  readonly at: string
  readonly actor: string | null
  readonly reason: string | null
  readonly hash: string
  readonly body: string
  readonly changes: string
}

/** What differs between two configurations, by path. */
export function configChanges(before: ConfigBody, after: ConfigBody): ConfigChange[] {
  const [old, now] = [flat(before), flat(after)]
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort()
  return paths
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((change) => canonicalJson(change.before) !== canonicalJson(change.after))
}

/**
 * Makes a version of the configuration as it is, unless the newest one says the same. Only inside a transaction, which makes
 * the number its own. While a stored setting cannot be read there is nothing to make one of: it is made once that is put right.
 * @param made by whom, where that is not who is at work; and why
 */
export async function addVersion(
  sql: Sql,
  at: string,
  tenant: number,
  { actor = currentActor(), reason }: { readonly actor?: string | null; readonly reason?: string | undefined } = {},
): Promise<void> {
  const body = await currentBody(sql, tenant).catch((error: unknown) => {
    if (isRoiError(error) && error.code === 'bad_stored_setting') return undefined
    throw error
  })
  if (!body) return
  const known = await newest(sql, tenant)
  const hash = hashOf(body)
  if (known?.hash === hash) return
  const changes = known ? configChanges(JSON.parse(known.body) as ConfigBody, body) : []
  await sql.run(
    `INSERT INTO config_version (tenant_id, version, at, actor, reason, hash, body, changes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    tenant,
    Number(known?.version ?? 0) + 1,
    at,
    actor,
    reason ?? null,
    hash,
    canonicalJson(body),
    JSON.stringify(changes),
  )
}

/** The configuration as it is stored now. @throws RoiError `bad_stored_setting` */
export async function currentBody(sql: Sql, tenant: number): Promise<ConfigBody> {
  const [workspace] = await sql.all<{ key: string }>('SELECT key FROM workspace WHERE tenant_id = $1', tenant)
  const stored = await sql.all<{ key: string; value: string }>(
    'SELECT key, value FROM setting WHERE tenant_id = $1',
    tenant,
  )
  const defined = await readDefinitions(sql, tenant)
  const named = <Kind extends DefinitionKind>(kind: Kind) =>
    Object.fromEntries(
      defined.filter((one): one is Definition<Kind> => one.kind === kind).map(({ name, body }) => [name, body]),
    ) as Readonly<Record<string, DefinitionBody<Kind>>>
  return {
    settings: parseStored(workspace?.key ?? String(tenant), stored),
    metrics: named('metric'),
    benchmarks: named('benchmark'),
    segments: named('segment'),
  }
}

export async function newest(sql: Sql, tenant: number): Promise<VersionRow | undefined> {
  const [row] = await sql.all<VersionRow>(
    `SELECT version, at, actor, reason, hash, body, changes FROM config_version
     WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1`,
    tenant,
  )
  return row
}

/** SHA-256 in hex of a configuration as canonical JSON. */
export function hashOf(body: ConfigBody): string {
  return sha256(canonicalJson(body))
}

/** By path. A version of an earlier program may lack whole groups. */
function flat(body: Partial<ConfigBody>): Map<string, unknown> {
  return new Map(
    Object.entries(body).flatMap(([group, named]) =>
      Object.entries(named).map(([name, value]): [string, unknown] => [`${group}.${name}`, value]),
    ),
  )
}
