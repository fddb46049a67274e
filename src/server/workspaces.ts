import { LOCALES, type Locale, RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { State } from '../state/state.ts'

/** The workspace every data directory has. */
export const MAIN = 'main'

/**
 * The workspace a request names; without a name the main one, or the first.
 * @throws RoiError `unknown_workspace` listing those there are
 */
export async function findWorkspace(state: State, key: string | undefined): Promise<Workspace> {
  const all = await state.workspaces()
  const found = key === undefined ? (all.find((one) => one.key === MAIN) ?? all[0]) : all.find((one) => one.key === key)
  if (found) return found
  const known = all.map((one) => one.key).join(', ')
  const shown = (key ?? MAIN).slice(0, 80)
  throw new RoiError(
    'not_found',
    'unknown_workspace',
    { en: `There is no workspace "${shown}".`, 'zh-CN': `没有名为“${shown}”的工作区。` },
    {
      en: `Known: ${known || 'none yet'}. The first import into a new one makes it.`,
      'zh-CN': `现有：${known || '暂无'}。首次导入会自动创建新工作区。`,
    },
  )
}

/** The language a person chose for a workspace; null while nobody did. */
export async function chosenLocale(state: State, tenant: number): Promise<Locale | null> {
  const changes = await state.audit(tenant, 1000)
  const last = changes.find(({ action, subject }) => action === 'setting' && subject === 'locale')
  return LOCALES.find((locale) => locale === last?.after) ?? null
}
