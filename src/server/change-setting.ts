import { recompute } from '../attribution/recompute.ts'
import { LEDGER_SETTINGS, type Workspace } from '../model/settings.ts'
import { checkSetting, parseSetting, settingKey } from '../state/settings.ts'
import { applyChannelSettings } from '../sync/channel-settings.ts'
import type { ImportEnv } from '../sync/import.ts'
import { attributionSettings } from '../sync/workspace.ts'
import type { Answers } from './services.ts'

/** Settings whose effect is written beside each channel and touch. */
const CHANNEL_SETTINGS: ReadonlySet<string> = new Set(['direct_channels', 'custom_weights', 'channel_rules'])

/**
 * Changes a setting and brings everything that depends on it up to date.
 * @param value text as typed on a command line, or JSON
 * @throws RoiError `unknown_setting`, `bad_setting`
 */
export async function changeSetting(
  { database, state }: Pick<ImportEnv, 'database' | 'state'>,
  { tenant, key: workspace }: Workspace,
  name: string,
  value: unknown,
): Promise<Answers['set']> {
  const key = settingKey(name)
  const wanted = typeof value === 'string' ? parseSetting(key, value).value : checkSetting(key, value)
  const done = { key, value: wanted, recomputed: false }
  const touchesLedger = LEDGER_SETTINGS.has(key)
  // Noted first: should we be ended in between, the next read of a figure recomputes with whatever is set by then.
  if (touchesLedger) {
    await database.write((tx) => tx.insert('dirty', [{ tenant_id: tenant, kind: 'all', id: 0n }]))
  }
  const changed = await state.changeSetting(tenant, key, wanted)
  if (!touchesLedger) return done
  const now = await state.findWorkspace(workspace)
  if (!now) throw new Error(`workspace ${workspace} is gone`)
  if (changed && CHANNEL_SETTINGS.has(key)) await applyChannelSettings({ database, state }, now)
  else await recompute(database, tenant, attributionSettings(now.settings))
  return { ...done, recomputed: changed }
}
