import { RoiError } from '../errors.ts'
import { Settings } from '../model/settings.ts'
import { note } from './audit.ts'
import {
  DEFINITIONS,
  type Definition,
  type DefinitionBody,
  type DefinitionKind,
  readDefinitions,
  writeDefinition,
} from './definitions.ts'
import type { Sql, Store } from './sql.ts'
import {
  addVersion,
  type ConfigBody,
  type ConfigChange,
  configChanges,
  currentBody,
  GROUPS,
  hashOf,
  newest,
  type VersionRow,
} from './versions-config.ts'

/** A version of a workspace's configuration (F56), without what it says. */
export interface ConfigVersion {
  readonly version: number
  readonly at: Date
  /** Who made it so (see `Actor`); null = the program by itself. */
  readonly actor: string | null
  readonly reason: string | null
  /** SHA-256 in hex of the configuration as canonical JSON: equal for equal configurations, whatever their numbers. */
  readonly hash: string
  /** What differs from the version before. */
  readonly changes: readonly ConfigChange[]
}

export interface Configuration extends ConfigVersion {
  readonly body: ConfigBody
}

/** The part of the state store about versions of the configuration, and what people define. */
export interface VersionState {
  /**
   * The configuration as it is. What changed without a version of its own gets one here: in a store that has none yet, and
   * where a newer program brought settings with it.
   */
  configuration(tenant: number): Promise<Configuration>
  /** Versions, newest first. */
  configVersions(tenant: number, page: { limit: number; offset: number }): Promise<readonly ConfigVersion[]>
  /** @throws RoiError `unknown_config_version` */
  configVersion(tenant: number, version: number): Promise<Configuration>
  /**
   * Goes back to a version, by making a new one that says the same; every setting of it is audited.
   * @returns what changed
   * @throws RoiError `unknown_config_version`, `config_outdated`
   */
  restoreConfig(tenant: number, version: number, reason?: string): Promise<readonly ConfigChange[]>
  /** Version of this store's own tables. */
  stateSchema(): Promise<number>
  /** Definitions of a kind, by name. */
  definitions<Kind extends DefinitionKind>(tenant: number, kind: Kind): Promise<readonly Definition<Kind>[]>
  /** Makes a definition, or replaces one; undefined removes it. Audited. @returns false when nothing changed */
  define<Kind extends DefinitionKind>(
    tenant: number,
    kind: Kind,
    name: string,
    body: DefinitionBody<Kind> | undefined,
    reason?: string,
  ): Promise<boolean>
}

export function versionStore({ engine, at }: Store): VersionState {
  return {
    async configuration(tenant) {
      const body = await currentBody(engine, tenant)
      const known = await newest(engine, tenant)
      if (known?.hash === hashOf(body)) return { ...toVersion(known), body }
      return engine.transaction(async (sql) => {
        await addVersion(sql, at(), tenant, { actor: null })
        return toConfiguration((await newest(sql, tenant))!)
      })
    },

    async configVersions(tenant, { limit, offset }) {
      const rows = await engine.all<VersionRow>(
        `SELECT version, at, actor, reason, hash, changes FROM config_version
         WHERE tenant_id = $1 ORDER BY version DESC LIMIT $2 OFFSET $3`,
        tenant,
        limit,
        offset,
      )
      return rows.map(toVersion)
    },

    configVersion: (tenant, version) => find(engine, tenant, version),

    async restoreConfig(tenant, version, reason) {
      const { body: wanted } = await find(engine, tenant, version)
      return engine.transaction(async (sql) => {
        await addVersion(sql, at(), tenant, { actor: null })
        const changes = configChanges(await currentBody(sql, tenant), wanted)
        for (const change of changes) await apply(sql, at(), tenant, change)
        await addVersion(sql, at(), tenant, { reason })
        return changes
      })
    },

    async stateSchema() {
      const [row] = await engine.all<{ version: number }>('SELECT max(version) AS version FROM schema_version')
      return Number(row?.version ?? 0)
    },

    async definitions<Kind extends DefinitionKind>(tenant: number, kind: Kind) {
      const all = await readDefinitions(engine, tenant)
      return all.filter((one): one is Definition<Kind> => one.kind === kind)
    },

    define(tenant, kind, name, body, reason) {
      return engine.transaction(async (sql) => {
        await addVersion(sql, at(), tenant, { actor: null })
        const [before] = (await readDefinitions(sql, tenant)).filter((one) => one.kind === kind && one.name === name)
        if (!(await writeDefinition(sql, at(), { tenant, kind, name, body }))) return false
        const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
        const entry = { tenant, action: kind, subject: name, before: json(before?.body), after: json(body) }
        await note(sql, at(), entry)
        await addVersion(sql, at(), tenant, { reason })
        return true
      })
    },
  }
}

/** Writes one value of an earlier configuration. */
async function apply(sql: Sql, at: string, tenant: number, { path, before, after }: ConfigChange): Promise<void> {
  const [group, name] = [path.slice(0, path.indexOf('.')), path.slice(path.indexOf('.') + 1)]
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
  const change = { tenant, subject: name, before: json(before), after: json(after) }
  if (group === 'settings') {
    await sql.run('DELETE FROM setting WHERE tenant_id = $1 AND key = $2', tenant, name)
    await sql.run('INSERT INTO setting VALUES ($1, $2, $3)', tenant, name, JSON.stringify(after))
    return note(sql, at, { ...change, action: 'setting' })
  }
  const kind = (Object.keys(GROUPS) as DefinitionKind[]).find((one) => GROUPS[one] === group)!
  const body = after === null ? undefined : DEFINITIONS[kind].parse(after)
  await writeDefinition(sql, at, { tenant, kind, name, body })
  return note(sql, at, { ...change, action: kind })
}

async function find(sql: Sql, tenant: number, version: number): Promise<Configuration> {
  const [row] = await sql.all<VersionRow>(
    `SELECT version, at, actor, reason, hash, body, changes FROM config_version
     WHERE tenant_id = $1 AND version = $2`,
    tenant,
    version,
  )
  if (row) return toConfiguration(row)
  const last = await newest(sql, tenant)
  throw new RoiError(
    'not_found',
    'unknown_config_version',
    { en: `There is no version ${version} of the configuration.`, 'zh-CN': `没有配置版本 ${version}。` },
    last
      ? { en: `Versions: 1 to ${last.version}.`, 'zh-CN': `可用的版本：1 至 ${last.version}。` }
      : { en: 'There is none yet.', 'zh-CN': '目前还没有版本。' },
  )
}

function toVersion({ version, at, actor, reason, hash, changes }: Omit<VersionRow, 'body'>): ConfigVersion {
  return {
    version: Number(version),
    at: new Date(at),
    actor,
    reason,
    hash,
    changes: JSON.parse(changes) as ConfigChange[],
  }
}

/** A version of an earlier program may lack settings: they stand at their defaults, as they did in effect. */
function toConfiguration(row: VersionRow): Configuration {
  const { settings, metrics = {}, benchmarks = {}, segments = {} } = JSON.parse(row.body) as ConfigBody
  const parsed = Settings.safeParse(settings)
  if (!parsed.success) throw outdated(Number(row.version), parsed.error)
  return { ...toVersion(row), body: { settings: parsed.data, metrics, benchmarks, segments } }
}

function outdated(version: number, cause: unknown): RoiError {
  return new RoiError(
    'failure',
    'config_outdated',
    {
      en: `Version ${version} of the configuration holds values that this program no longer knows.`,
      'zh-CN': `配置版本 ${version} 含有本程序不再支持的值。`,
    },
    {
      en: 'See its settings with "config list" and set those you want by hand.',
      'zh-CN': '请用 “config list” 查看其变更，并手动设置需要的值。',
    },
    { cause },
  )
}
