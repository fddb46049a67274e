import type { ConfigVersion as Shown } from '../api/governance.ts'
import type { SettingKey } from '../model/settings.ts'
import { settingKey } from '../state/settings.ts'
import type { Configuration, ConfigVersion } from '../state/versions.ts'
import { configChanges } from '../state/versions-config.ts'
import type { ImportEnv } from '../sync/import.ts'
import { changing } from './change-setting.ts'
import { checkCurrency } from './closed-currency.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'config' | 'config_version' | 'config_diff' | 'restore_config'

/** Versions of the configuration (F56). */
export function configServices(env: Pick<ImportEnv, 'database' | 'state'>): Pick<Services, Commands> {
  const { state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  return {
    async config(request) {
      const { key, tenant } = await find(request)
      const { limit, offset } = request
      const current = await state.configuration(tenant)
      const versions = await state.configVersions(tenant, { limit: limit + 1, offset })
      return {
        workspace: key,
        current: current.version,
        versions: versions.slice(0, limit).map(toShown),
        next: versions.length > limit ? offset + limit : null,
      }
    },
    async config_version(request) {
      const { key, tenant } = await find(request)
      await state.configuration(tenant)
      return { workspace: key, ...withBody(await state.configVersion(tenant, request.version)) }
    },
    async config_diff(request) {
      const { key, tenant } = await find(request)
      const { from, to } = request
      const [before, after] = [await state.configVersion(tenant, from), await state.configVersion(tenant, to)]
      return { workspace: key, from, to, changes: configChanges(before.body, after.body) }
    },
    async restore_config(request) {
      const workspace = await find(request)
      const { tenant, key } = workspace
      const { version, reason } = request
      const [now, wanted] = [await state.configuration(tenant), await state.configVersion(tenant, version)]
      await checkCurrency(state, workspace, wanted.body.settings.currency)
      const changes = configChanges(now.body, wanted.body)
      const restore = async () => (await state.restoreConfig(tenant, version, reason)).length > 0
      const recomputed = await changing(env, workspace, settingsAmong(changes), restore)
      const { version: current } = await state.configuration(tenant)
      return { workspace: key, restored: version, current, changes, recomputed }
    },
  }
}

/** A version as people see it. */
export function toShown({ version, at, actor, reason, hash, changes }: ConfigVersion): Shown {
  return { version, at: at.toISOString(), author: actor, reason, hash, changes: [...changes] }
}

/** The same with everything it says. */
export function withBody(configuration: Configuration) {
  return { ...toShown(configuration), body: configuration.body }
}

function settingsAmong(changes: readonly { readonly path: string }[]): SettingKey[] {
  return changes.flatMap(({ path }) => (path.startsWith('settings.') ? settingKey(path.slice('settings.'.length)) : []))
}
